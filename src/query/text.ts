import { invalidQuery } from '../errors.ts';

const loneSurrogate = /\p{Surrogate}/u;

/**
 * Refuses text that PostgreSQL cannot hold.
 * @throws ServiceError INVALID_QUERY for NUL characters and lone surrogates; `where` says whose text it is.
 */
export function requireText(text: string, where: string): string {
  if (text.includes('\0') || loneSurrogate.test(text)) {
    throw invalidQuery(`${where} holds a NUL character or half of a surrogate pair`);
  }
  return text;
}

/** Characters that change case together with what stands beside them, or become several. */
const foldedInContext = /[\p{M}\u0130Σσς]/u;

/**
 * Whether an index of texts finds this text wherever `ilike` does. It folds word by word, and `ilike` the whole text: for
 * a few characters that makes a difference.
 */
export function isIndexable(text: string): boolean {
  return !foldedInContext.test(text);
}

/** Escapes what LIKE would take for a wildcard, so that the text matches itself only. */
export function escapeLike(text: string): string {
  return /[\\%_]/.test(text) ? text.replaceAll(/[\\%_]/g, '\\$&') : text;
}
