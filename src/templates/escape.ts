/**
 * Placeholder for an empty value, until the emphasis marks around it are removed. It is a noncharacter of Unicode,
 * which is removed from values.
 */
const emptyMark = '\uFDD0';
const emptyMarks = /\uFDD0/g;
const marksAroundNothing = /(\*{1,3}|_{1,3}|~~)\uFDD0+\1/g;

/**
 * Escapes plain text for Markdown: at any position except inside a code span it shows exactly this text and forms no
 * emphasis, heading, list, link, image, code or HTML. Line breaks become hard breaks.
 */
export function escapeMarkdown(text: string): string {
  const lines = text.replace(emptyMarks, '').split(/\r\n?|\n/);
  const last = lines.findLastIndex((line) => line !== '');
  // A hard break needs text after it; trailing breaks become character references.
  const trailing = '&#10;'.repeat(lines.length - Math.max(last, 0) - 1);
  return (
    lines
      .slice(0, last + 1)
      .map(escapeLine)
      .join('\\\n') + trailing
  );
}

/** Like `escapeMarkdown`, but in one line. */
export function escapeMarkdownLine(text: string): string {
  return escapeMarkdown(oneLine(text));
}

/** Replaces each line break, and the blanks around it, with one space. */
export function oneLine(text: string): string {
  const [first = '', ...rest] = text.split(/[\r\n\u2028\u2029]+/);
  if (rest.length === 0) return first;
  const last = rest.pop() ?? '';
  return [first.trimEnd(), ...rest.map((line) => line.trim()).filter((line) => line !== ''), last.trimStart()].join(
    ' ',
  );
}

/** Converts text to a code span. Line breaks become spaces; an empty text stays empty. */
export function codeSpan(text: string): string {
  const content = text.replace(emptyMarks, '').replace(/\r\n?|\n/g, ' ');
  if (content === '') return '';
  const longest = (content.match(/`+/g) ?? []).reduce((longestSoFar, { length }) => Math.max(longestSoFar, length), 0);
  const fence = '`'.repeat(longest + 1);
  // Markdown strips one space at each end if both ends have one. The added padding preserves the spaces of the text.
  const isAtEdges = (edge: string) => content.startsWith(edge) || content.endsWith(edge);
  const needsPadding = isAtEdges('`') || (isAtEdges(' ') && content.trim() !== '');
  return needsPadding ? `${fence} ${content} ${fence}` : fence + content + fence;
}

/** Escapes the text; returns a placeholder for an empty text, which `dropEmpty` removes. */
export function escapeOrMark(escapeText: (text: string) => string, text: string): string {
  return text === '' ? emptyMark : escapeText(text);
}

/**
 * Removes the placeholders of empty outputs together with the emphasis marks around them, because `****` would be shown
 * as text or as a horizontal rule.
 */
export function dropEmpty(markdown: string): string {
  return markdown.replace(marksAroundNothing, '').replace(emptyMarks, '');
}

/** Percent-encodes everything except the unreserved characters of URLs. */
export function encodeForUrl(text: string): string {
  // encodeURIComponent throws on an unpaired surrogate.
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

/** Converts blanks to entities. At the ends of a line, Markdown would drop blanks or give them a meaning. */
function asEntities(blanks: string): string {
  return [...blanks].map((blank) => `&#${blank.codePointAt(0)};`).join('');
}

function escapeInline(text: string): string {
  return (
    text
      .replace(/[\\`*_[\]~|]/g, '\\$&')
      .replace(/&(?=#|[a-z]|$)/gi, '&amp;')
      // `<` and `>` become entities, because where HTML is enabled a backslash does not prevent a tag.
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // An exclamation mark before a link of the template would turn the link into an image.
      .replace(/!$/, '\\!')
  );
}

/** Escapes characters with a meaning only at the start of a line or right after the template's own `[text]`. */
function escapeStart(text: string): string {
  return text.replace(/^[#+\-=:(.)]/, '\\$&').replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}
