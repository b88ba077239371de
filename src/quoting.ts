/** Maximum number of characters quoted from one value. */
const quotedMax = 200;
/** Maximum number of characters of a sentence. */
const sentenceMax = 1000;

/** A text as quoted in an error: unchanged, or its beginning and an ellipsis. */
export function cutQuoted(text: string): string {
  return cutTo(text, quotedMax);
}

/**
 * Cuts every part between quotation marks like `cutQuoted`. Quoted text may contain quotation marks, so the parts
 * outside are cut as well; the service's own words are never that long.
 */
export function cutSentence(text: string): string {
  if (text.length <= quotedMax) return text;
  return cutTo(text.split('"').map(cutQuoted).join('"'), sentenceMax);
}

/** A value as quoted in an error: unchanged, or the beginning of its text. */
export function cutValue(value: unknown): unknown {
  if (typeof value === 'string') return cutQuoted(value);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= quotedMax ? value : cutQuoted(text);
}

function cutTo(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half a surrogate pair is not a character.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, end)}…`;
}
