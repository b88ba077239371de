import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** The name under which a composed statement is prepared. Equal texts get equal names. */
export function statementName(text: string): string {
  return `tidings_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/**
 * Returns a function that names texts from their second use on. A text that is used only once would be prepared for
 * nothing.
 * @param textsMax the maximum number of remembered texts; the least recently used are evicted first
 */
export function nameRepeated(textsMax: number): (text: string) => string | undefined {
  const names = new LRUCache<string, { name: string | undefined }>({ max: textsMax });
  return (text) => {
    const known = names.get(text);
    if (known) known.name ??= statementName(text);
    else names.set(text, { name: undefined });
    return known?.name;
  };
}
