import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import MarkdownIt, { type Token } from 'markdown-it';
import { pageOf, pagesOutside, sitePathOf } from '../../docs/.vitepress/pages.ts';
import { sidebar } from '../../docs/.vitepress/sidebar.ts';
import { slug } from '../../docs/.vitepress/slug.ts';
import { useTestApp } from '../support/app.ts';
import { pages, root } from './blocks.ts';

const markdown = new MarkdownIt({ html: true, linkify: true });
const files = [...new Set([...pages(), ...pagesOutside.keys()])];
const tokensOf = (file: string) => markdown.parse(readFileSync(join(root, file), 'utf8'), {});

describe.each(files)('the links of %s', (file) => {
  it('lead to files and headings that are there', () => {
    const faults = linksOf(tokensOf(file)).flatMap((link) => {
      if (/^[a-z]+:/i.test(link)) return [];
      const [path = '', anchor] = link.split('#', 2);
      const target = path === '' ? file : relative(root, join(root, dirname(file), decodeURI(path)));
      if (!existsSync(join(root, target))) return [`${link}: there is no such file`];
      if (anchor === undefined || anchorsOf(target).has(decodeURI(anchor))) return [];
      return [`${link}: there is no such heading`];
    });

    expect(faults).toEqual([]);
  });
});

describe('the addresses of the service', () => {
  const app = useTestApp();

  it('are answered', async () => {
    const addresses = [...new Set(files.flatMap((file) => addressesOf(tokensOf(file))))];
    const statuses = await Promise.all(
      addresses.map(async (address) => {
        const { pathname, search } = new URL(address);
        const { status } = await fetch(app().url + pathname + search, { headers: { accept: 'text/html' } });
        return `${address} ${status < 400 ? 'is answered' : status}`;
      }),
    );

    expect(addresses.length).toBeGreaterThan(0);
    expect(statuses).toEqual(addresses.map((address) => `${address} is answered`));
  });
});

describe('the sidebar', () => {
  it('has every page of the site once, and no other', () => {
    const inSidebar = sidebar.flatMap(({ items }) => items.map(({ link }) => `${link.slice(1)}.md`));
    const onSite = files.filter((file) => pageOf(file) !== null && file !== 'README.md').map(sitePathOf);

    expect(inSidebar.sort()).toEqual(onSite.filter((page) => page !== 'index.md').sort());
  });
});

describe('the home page of the site', () => {
  it('leads to pages that are there', () => {
    const links = [...readFileSync(join(root, 'docs/index.md'), 'utf8').matchAll(/link: (\S+)/g)];

    expect(links.map(([, link]) => link).filter((link) => !existsSync(join(root, `docs${link}.md`)))).toEqual([]);
  });
});

/** The targets of the links and images of a page. */
function linksOf(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => {
    const own = token.attrGet('href') ?? token.attrGet('src');
    const html = token.type.startsWith('html') ? [...token.content.matchAll(/(?:src|srcset|href)="([^"\s]+)/g)] : [];
    return [
      ...(own === null ? [] : [String(own)]),
      ...html.map(([, link = '']) => link),
      ...linksOf(token.children ?? []),
    ];
  });
}

/** The addresses of the service in a page, as links or code; without those that have a part to fill in. */
function addressesOf(tokens: readonly Token[]): readonly string[] {
  const codes = tokens.flatMap(({ type, content, children }) => [
    ...(type === 'code_inline' ? [content] : []),
    ...(children ?? []).filter((child) => child.type === 'code_inline').map((child) => child.content),
  ]);
  return [...linksOf(tokens), ...codes].filter((text) =>
    /^https?:\/\/(?:localhost|127\.0\.0\.1):8055(?![^\s]*[…${<\s])/.test(text),
  );
}

/** The anchors of a page: those of its headings, and those that it defines in HTML. */
function anchorsOf(file: string): ReadonlySet<string> {
  const tokens = tokensOf(file);
  const anchors = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const words = (tokens[index + 1]?.children ?? []).filter(({ type }) => ['text', 'code_inline'].includes(type));
    const anchor = slug(words.map(({ content }) => content).join(''));
    let again = 0;
    while (anchors.has(again === 0 ? anchor : `${anchor}-${again}`)) again += 1;
    anchors.add(again === 0 ? anchor : `${anchor}-${again}`);
  }
  for (const [, id = ''] of readFileSync(join(root, file), 'utf8').matchAll(/<a id="([^"]+)"/g)) anchors.add(id);
  return anchors;
}
