import MarkdownIt, { type Token } from 'markdown-it';
import sanitizeHtml from 'sanitize-html';

const markdownReader = new MarkdownIt({ html: true, linkify: false });

/**
 * The words of a Markdown text: emphasis and headings lose their marks, a link becomes `text (url)`, an image its
 * description, HTML goes. Lists, quotes and line breaks stay as plain text has them.
 */
export function markdownToPlain(markdown: string): string {
  return blocksOf(markdownReader.parse(markdown, {})).join('\n\n');
}

/** The blocks of one container as text, one after the other. */
function blocksOf(tokens: readonly Token[]): string[] {
  const blocks: string[] = [];
  for (let place = 0; place < tokens.length; place += 1) {
    const token = tokens[place];
    if (token === undefined) break;
    const end = token.nesting === 1 ? closeOf(tokens, place) : place;
    const text = blockText(token, tokens.slice(place + 1, end));
    if (text !== null) blocks.push(text);
    place = end;
  }
  return blocks;
}

function closeOf(tokens: readonly Token[], open: number): number {
  const level = tokens[open]?.level;
  let close = open + 1;
  while (close < tokens.length && !(tokens[close]?.nesting === -1 && tokens[close]?.level === level)) close += 1;
  return close;
}

/** One block as text; null for what leaves nothing. */
function blockText(token: Token, inside: readonly Token[]): string | null {
  switch (token.type) {
    case 'inline':
      return inlineText(token.children ?? []);
    case 'fence':
    case 'code_block':
      return token.content.replace(/\n$/, '');
    case 'hr':
      return '---';
    case 'html_block':
      return textOfHtml(token.content).trim() || null;
    case 'blockquote_open':
      return indent(blocksOf(inside).join('\n\n'), '> ', '> ');
    case 'bullet_list_open':
      return listText(inside, () => '- ');
    case 'ordered_list_open': {
      const first = Number(token.attrGet('start') ?? 1);
      return listText(inside, (place) => `${first + place}. `);
    }
    case 'thead_open':
    case 'tbody_open':
    case 'table_open':
      return blocksOf(inside).join('\n');
    case 'tr_open':
      return blocksOf(inside).join(' | ');
    case 'th_open':
    case 'td_open':
      return blocksOf(inside).join('');
    default:
      return token.nesting === 1 ? blocksOf(inside).join('\n\n') : null;
  }
}

function listText(items: readonly Token[], marker: (place: number) => string): string {
  const isTight = items.some(({ type, hidden }) => type === 'paragraph_open' && hidden);
  const between = isTight ? '\n' : '\n\n';
  const texts: string[] = [];
  for (let open = 0; open < items.length; ) {
    const close = closeOf(items, open);
    const mark = marker(texts.length);
    texts.push(indent(blocksOf(items.slice(open + 1, close)).join(between), mark, ' '.repeat(mark.length)));
    open = close + 1;
  }
  return texts.join(between);
}

function indent(text: string, first: string, rest: string): string {
  const [line = '', ...lines] = text.split('\n');
  return [first + line, ...lines.map((other) => (other === '' ? rest.trimEnd() : rest + other))].join('\n');
}

function inlineText(tokens: readonly Token[]): string {
  let text = '';
  const links: { readonly href: string; readonly start: number }[] = [];
  for (const token of tokens) {
    switch (token.type) {
      case 'softbreak':
      case 'hardbreak':
        text += '\n';
        break;
      case 'html_inline':
        if (/^<br\b/i.test(token.content)) text += '\n';
        break;
      case 'image':
        text += inlineText(token.children ?? []);
        break;
      case 'link_open':
        links.push({ href: String(token.attrGet('href') ?? ''), start: text.length });
        break;
      case 'link_close': {
        const link = links.pop();
        if (link !== undefined) text += addressAfter(text.slice(link.start), link.href);
        break;
      }
      default:
        text += token.content;
    }
  }
  return text;
}

/** ` (url)`, unless the text of the link is the address already. */
function addressAfter(text: string, href: string): string {
  const spellings = [href, markdownReader.normalizeLinkText(href), href.replace(/^mailto:/, '')];
  if (href === '' || spellings.includes(text)) return '';
  return text === '' ? href : ` (${href})`;
}

function textOfHtml(html: string): string {
  const text = sanitizeHtml(html, { allowedTags: [], allowedAttributes: {} });
  // What the sanitizer leaves escaped, the ampersand last.
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
