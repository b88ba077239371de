import type { MarkdownRenderer } from 'vitepress';

/** Shows the name of a code block that is a file, given in brackets, in place of its language. */
export function useFileNames(markdown: MarkdownRenderer): void {
  const { fence } = markdown.renderer.rules;
  if (!fence) return;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const [, name] = /\[([^\]]+)\]/.exec(tokens[index]?.info ?? '') ?? [];
    const html = fence(tokens, index, ...rest);
    const shown = name && markdown.utils.escapeHtml(name);
    return shown ? html.replace(/<span class="lang">[^<]*<\/span>/, () => `<span class="lang">${shown}</span>`) : html;
  };
}
