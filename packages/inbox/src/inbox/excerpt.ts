import type { InboxItem } from '@tidings/client';

/** How much of a message is looked at: more does not fit into the lines of a row. */
const maxCharacters = 600;

/** Escaped marks are moved to the private area of Unicode, so that they are not taken for Markdown. */
const escapedFrom = 0xe000;

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

/** The replacements that turn Markdown into text, in their order. */
const steps: readonly (readonly [RegExp, string])[] = [
  [/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, ''],
  [/<!--[\s\S]*?(-->|$)/g, ''],
  [/<(https?:\/\/[^\s>]+|[^\s@<>]+@[^\s@<>]+)>/g, '$1'],
  [/<\/?[a-z][^>]*(>|$)/gi, ''],
  [/^ {0,3}(`{3,}|~{3,}).*$/gm, ''],
  [/^ {0,3}([-*_] ?){3,}$/gm, ''],
  [/^ {0,3}\|?[ :|-]*-[ :|-]*\|?$/gm, ''],
  [/^\s*(>\s?)+/gm, ''],
  [/^\s*#{1,6}\s+/gm, ''],
  [/^\s*([-*+]|\d+[.)])\s+(\[[ x]\]\s+)?/gim, ''],
  [/!?\[([^\]]*)\](\([^)]*\)?|\[[^\]]*\])/g, '$1'],
  [/(^|[^\\`])(`+)([^`]+)\2/g, '$1$3'],
  [/(\*{1,3}|~~)(?=\S)(.*?\S)\1/g, '$2'],
  [/(^|[^\w\\])(_{1,3})(?=\S)(.*?\S)\2(?!\w)/g, '$1$3'],
  [/\s*\|\s*/g, ' '],
];

/**
 * The beginning of a Markdown message as one line of plain text. Cheaper than `toPlainText`, for rows that scroll by; it is
 * always inserted as text, never as HTML.
 */
export function excerptOf(message: string): string {
  const hidden = message
    .slice(0, maxCharacters)
    .replace(/\\([!-/:-@[-`{-~])/g, (_escape, mark: string) => String.fromCharCode(escapedFrom + mark.charCodeAt(0)));
  return steps
    .reduce((rest, [pattern, by]) => rest.replace(pattern, by), hidden)
    .replace(/[\ue000-\ue07f]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) - escapedFrom))
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_reference, name: string) => characters[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}

const excerpts = new WeakMap<InboxItem, string>();

/** The excerpt of a notification, made once. */
export function excerptOfItem(item: InboxItem): string {
  const known = excerpts.get(item);
  if (known !== undefined) return known;
  const excerpt = item.message ? excerptOf(item.message) : '';
  excerpts.set(item, excerpt);
  return excerpt;
}
