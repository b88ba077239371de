import { existsSync } from 'node:fs';
import { dirname, posix, relative, resolve, sep } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { pageOf } from './pages.ts';

type Token = ReturnType<MarkdownRenderer['parse']>[number];

/**
 * Changes relative links, which lead from file to file as on any Git host, to lead from page to page. A link to a file
 * that is no page is replaced by its text. VitePress itself fails for a link to a missing page.
 * @param root the folder of the repository
 * @throws Error naming a link to a file that does not exist
 */
export function useSiteLinks(markdown: MarkdownRenderer, root: string): void {
  markdown.core.ruler.push('site_links', ({ tokens, env }) => {
    for (const { children } of tokens) if (children) rewrite(children, env);
  });

  function rewrite(tokens: Token[], env: { realPath?: string; path: string; relativePath: string }): void {
    const file = env.realPath ?? env.path;
    for (const [index, token] of tokens.entries()) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href === null || /^(?:[a-z]+:|[/#])/i.test(href)) continue;
      const [, path = '', rest = ''] = /^([^?#]*)(.*)$/.exec(href) ?? [];
      const target = resolve(dirname(file), decodeURI(path));
      if (!existsSync(target)) throw new Error(`${relative(root, file)}: the link ${href} leads to no file.`);
      const page = pageOf(relative(root, target).split(sep).join(posix.sep));
      // A generated page links to its source file, whose page it is itself.
      if (page === null || page === env.relativePath) unlink(tokens, index);
      else token.attrSet('href', `/${page}${rest}`);
    }
  }
}

/** Turns the link that begins at `index` into its text. */
function unlink(tokens: Token[], index: number): void {
  const end = tokens.findIndex((token, at) => at > index && token.type === 'link_close');
  for (const token of [tokens[index], tokens[end]]) {
    if (!token) continue;
    token.type = 'text';
    token.tag = '';
    token.attrs = null;
    token.nesting = 0;
    token.content = '';
  }
}
