import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Sql } from './sql.ts';

/** The name under which a composed statement is prepared. Equal texts get equal names. */
export function statementName(text: string): string {
  return `tidings_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** The text of a composed statement, and its name if it is prepared. */
export type StatementText = Pick<Sql, 'text' | 'name'>;

/**
 * Returns a function that composes the text of each key once, and names it from its second use on. A text that is used
 * only once would be prepared for nothing.
 * @param textsMax the maximum number of cached texts; the least recently used are evicted first
 */
export function cacheTexts(textsMax: number): (key: string, compose: () => string) => StatementText {
  const texts = new LRUCache<string, StatementText>({ max: textsMax });
  return (key, compose) => {
    const cached = texts.get(key);
    if (cached?.name !== undefined) return cached;
    const text = cached?.text ?? compose();
    const statement = cached ? { text, name: statementName(text) } : { text };
    texts.set(key, statement);
    return statement;
  };
}
