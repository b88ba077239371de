/** Stands where a value was empty, until the marks around it are gone too. A code point that no text may hold. */
const emptyMark = '\uFDD0';
const emptyMarks = /\uFDD0/g;
const marksAroundNothing = /(\*{1,3}|_{1,3}|~~)\uFDD0+\1/g;

/**
 * Plain text as Markdown that shows exactly that text: it forms no emphasis, heading, list, link, image, code or HTML,
 * wherever in a Markdown text it is put, except inside a code span. Line breaks stay, as hard ones.
 */
export function escapeMarkdown(text: string): string {
  const lines = text.replace(emptyMarks, '').split(/\r\n?|\n/);
  const last = lines.findLastIndex((line) => line !== '');
  // A hard break needs something after it; breaks at the end are characters instead.
  const trailing = '&#10;'.repeat(lines.length - Math.max(last, 0) - 1);
  return (
    lines
      .slice(0, last + 1)
      .map(escapeLine)
      .join('\\\n') + trailing
  );
}

/** As `escapeMarkdown`, in one line. */
export function escapeMarkdownLine(text: string): string {
  return escapeMarkdown(oneLine(text));
}

/** The text with each line break, and the blanks around it, as one space. */
export function oneLine(text: string): string {
  const [first = '', ...rest] = text.split(/[\r\n\u2028\u2029]+/);
  if (rest.length === 0) return first;
  const last = rest.pop() ?? '';
  return [first.trimEnd(), ...rest.map((line) => line.trim()).filter((line) => line !== ''), last.trimStart()].join(
    ' ',
  );
}

/** The text as a code span that holds exactly it, line breaks as spaces; nothing for the empty text. */
export function codeSpan(text: string): string {
  const content = text.replace(emptyMarks, '').replace(/\r\n?|\n/g, ' ');
  if (content === '') return '';
  const longest = (content.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);
  const fence = '`'.repeat(longest + 1);
  // Markdown drops one space at each end when both are there: padding saves the text's own.
  const isAtEdges = (edge: string) => content.startsWith(edge) || content.endsWith(edge);
  const needsPadding = isAtEdges('`') || (isAtEdges(' ') && content.trim() !== '');
  return needsPadding ? `${fence} ${content} ${fence}` : fence + content + fence;
}

/** What an output that is empty leaves; see `dropEmpty`. */
export function escapeOrMark(escapeText: (text: string) => string, text: string): string {
  return text === '' ? emptyMark : escapeText(text);
}

/** Takes away what empty outputs left, with the emphasis around them: `****` would be shown, or be a line across. */
export function dropEmpty(markdown: string): string {
  return markdown.replace(marksAroundNothing, '').replace(emptyMarks, '');
}

/** Percent-encodes everything but what a URL may hold anywhere without meaning. */
export function encodeForUrl(text: string): string {
  // Half of a surrogate pair cannot be encoded and would throw.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function escapeLine(line: string): string {
  const fromStart = line.trimStart();
  const middle = fromStart.trimEnd();
  const before = line.slice(0, line.length - fromStart.length);
  return asEntities(before) + escapeStart(escapeInline(middle)) + asEntities(fromStart.slice(middle.length));
}

/** Blanks at the edges of a line mean something or vanish in Markdown; as entities they are only text. */
function asEntities(blanks: string): string {
  return [...blanks].map((blank) => `&#${blank.codePointAt(0)};`).join('');
}

function escapeInline(text: string): string {
  return (
    text
      .replace(/[\\`*_[\]~|]/g, '\\$&')
      // An entity, not a backslash: where HTML goes through, a backslash does not stop a tag.
      .replace(/&(?=#|[a-z]|$)/gi, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // Before a link of the template it would make an image of it.
      .replace(/!$/, '\\!')
  );
}

/** What has a meaning only first in a line, or right after the template's own `[text]`. */
function escapeStart(text: string): string {
  return text.replace(/^[#+\-=:(.)]/, '\\$&').replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}
