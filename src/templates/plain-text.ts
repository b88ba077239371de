import type { Token } from 'markdown-it';
import { HtmlText } from './html-text.ts';
import { createMarkdownReader } from './markdown-reader.ts';

const reader = createMarkdownReader({ html: true, linkify: false });

/**
 * Converts Markdown, with HTML in it, to plain text: emphasis and headings lose their marks, a link becomes `text
 * (url)`, an image its description. Paragraphs, lists, quotes, tables and line breaks are laid out as plain text.
 */
export function markdownToPlain(markdown: string): string {
  const text = new HtmlText();
  for (const token of reader.parse(markdown, {})) writeBlock(token, text);
  return text.end();
}

function writeBlock(token: Token, text: HtmlText): void {
  switch (token.type) {
    case 'inline':
      for (const child of token.children ?? []) writeInline(child, text);
      text.reveal();
      break;
    case 'html_block':
      text.html(token.content);
      text.reveal();
      break;
    case 'fence':
    case 'code_block':
      text.open('pre');
      text.text(token.content.replace(/\n$/, ''));
      text.close('pre');
      break;
    default:
      // Paragraphs of a tight list are plain lines.
      if (token.nesting === -1) text.close(token.hidden ? 'div' : token.tag);
      else if (token.tag !== '') text.open(token.hidden ? 'div' : token.tag, attributesOf(token));
  }
}

function writeInline(token: Token, text: HtmlText): void {
  switch (token.type) {
    case 'softbreak':
      // `<br>` has already broken the line.
      if (!text.writer.hasPendingBreaks) text.text('\n');
      break;
    case 'hardbreak':
      text.text('\n');
      break;
    case 'html_inline':
      text.html(token.content);
      break;
    case 'image':
      text.text(textOf(token.children ?? []));
      break;
    case 'link_open':
      text.open('a', attributesOf(token));
      break;
    case 'link_close':
      text.close('a');
      break;
    default:
      text.text(token.content);
  }
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ children, content, type }) => (type.endsWith('break') ? ' ' : children ? textOf(children) : content))
    .join('');
}

function attributesOf(token: Token): Record<string, string> {
  return Object.fromEntries((token.attrs ?? []).map(([name, value]) => [name, String(value)]));
}
