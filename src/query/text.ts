import { invalidQuery } from '../errors.ts';

const loneSurrogate = /\p{Surrogate}/u;

/**
 * Refuses text that PostgreSQL cannot store.
 * @throws ServiceError INVALID_QUERY for NUL characters and unpaired surrogates; `where` names the text.
 */
export function requireText(text: string, where: string): string {
  if (text.includes('\0') || loneSurrogate.test(text)) {
    throw invalidQuery(`${where} contains NUL or an unpaired surrogate`);
  }
  return text;
}

/** Characters whose case folding depends on their neighbours or changes the length of the text. */
const foldedInContext = /[\p{M}\u0130Σσς]/u;

/**
 * Whether the text index finds every match of `ilike` for this text. The index folds each word separately, and `ilike`
 * folds the whole text; the results differ for a few characters.
 */
export function isIndexable(text: string): boolean {
  return !foldedInContext.test(text);
}

/** Escapes the wildcards of LIKE, so that the text matches only itself. */
export function escapeLike(text: string): string {
  return /[\\%_]/.test(text) ? text.replaceAll(/[\\%_]/g, '\\$&') : text;
}
