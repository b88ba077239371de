import { Marked, type RendererObject, type Token, type Tokens } from 'marked';

/** Schemes of links that are kept. Relative links are kept as well. */
const allowedSchemes = /^(https?|mailto|tel):/i;
const hasScheme = /^[a-z][a-z\d+.-]*:/i;
/** Control characters and blanks, which browsers ignore in a scheme. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const ignored = /[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202f\ufeff]/g;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');
}

/** The address of a link if it is safe to follow. */
function safeAddress(href: string): string | undefined {
  const address = href.replace(ignored, '');
  if (/^[/\\]{2}/.test(address)) return undefined;
  return hasScheme.test(address) && !allowedSchemes.test(address) ? undefined : address;
}

/** The text of a piece of HTML, without its tags, scripts and styles. */
function textOfHtml(html: string): string {
  return html.replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, '').replace(/<!--[\s\S]*?(-->|$)|<[^>]*(>|$)/g, '');
}

const renderer: RendererObject = {
  html: ({ text }) => escapeHtml(textOfHtml(text)),
  link({ href, title, tokens }: Tokens.Link) {
    const text = this.parser.parseInline(tokens);
    const address = safeAddress(href);
    if (address === undefined) return text;
    const titled = title ? ` title="${escapeHtml(title)}"` : '';
    return `<a href="${escapeHtml(address)}"${titled} rel="noopener noreferrer nofollow">${text}</a>`;
  },
  // Loading an image would tell its server who reads the message.
  image: ({ text }) => escapeHtml(text),
  checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
};

const markdown = new Marked({ gfm: true, renderer });

/**
 * Converts the Markdown of a message to HTML that is safe to insert: it contains neither HTML of the message, nor images,
 * scripts, styles or event handlers, and its links are `http`, `https`, `mailto`, `tel` or relative.
 */
export function toSafeHtml(message: string): string {
  return markdown.parse(message, { async: false }).trim();
}

/** Converts the Markdown of a message to plain text: blocks become lines, and links and emphasis their text. */
export function toPlainText(message: string): string {
  return linesOf(markdown.lexer(message))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function linesOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => linesOfBlock(token as Tokens.Generic));
}

function linesOfBlock(token: Tokens.Generic): string[] {
  switch (token.type) {
    case 'space':
      return [''];
    case 'hr':
    case 'def':
      return [];
    case 'code':
      return [token['text']];
    case 'html':
      return [textOfHtml(token['text']).trim()];
    case 'list':
      return (token as Tokens.List).items.flatMap((item) => linesOfItem(item, token as Tokens.List));
    case 'table':
      return [(token as Tokens.Table).header, ...(token as Tokens.Table).rows].map((cells) =>
        cells.map((cell) => inlineText(cell.tokens)).join('\t'),
      );
    case 'blockquote':
      return linesOf(token.tokens ?? []);
    default:
      return [token.tokens ? inlineText(token.tokens) : inlineText([token])];
  }
}

function linesOfItem({ tokens, checked }: Tokens.ListItem, { ordered, start, items }: Tokens.List): string[] {
  const position = items.findIndex((item) => item.tokens === tokens);
  const mark = ordered ? `${Number(start) + position}. ` : checked === undefined ? '- ' : checked ? '☑ ' : '☐ ';
  const [first = '', ...others] = linesOf(tokens.filter(({ type }) => type !== 'checkbox'));
  return [`${mark}${first}`, ...others.map((line) => (line === '' ? '' : `  ${line}`))];
}

function inlineText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      const { type, tokens: inner, text = '' } = token as Tokens.Generic;
      if (type === 'br') return '\n';
      if (type === 'html') return textOfHtml(text);
      return inner ? inlineText(inner) : decodeReferences(text);
    })
    .join('');
}

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

/** Decodes the character references that messages use; a browser would decode them in HTML. */
function decodeReferences(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_reference, name: string) => characters[name] ?? '');
}
