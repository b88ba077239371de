/** Most characters that an error repeats of one thing it was given. */
const quotedMax = 200;
/** Most characters of a whole sentence, whatever it quotes. */
const sentenceMax = 1000;

/** What an error repeats of a text that somebody sent: the text, or its beginning and an ellipsis. */
export function cutQuoted(text: string): string {
  return cutTo(text, quotedMax);
}

/**
 * A sentence in which every part between quotation marks is cut as `cutQuoted` does. What is quoted may hold quotation
 * marks itself, so the parts outside are cut alike: none that we write is as long.
 */
export function cutSentence(text: string): string {
  if (text.length <= quotedMax) return text;
  return cutTo(text.split('"').map(cutQuoted).join('"'), sentenceMax);
}

/** A value as an error repeats it: as it is, or the beginning of its text. */
export function cutValue(value: unknown): unknown {
  if (typeof value === 'string') return cutQuoted(value);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= quotedMax ? value : cutQuoted(text);
}

function cutTo(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is no character.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, end)}…`;
}
