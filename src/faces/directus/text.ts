import { invalidQuery } from '../../errors.ts';

/** Whether PostgreSQL can store the text: no NUL and no unpaired surrogates. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/** @throws ServiceError `INVALID_QUERY` naming the parameter if its text cannot be stored. */
export function refuseUnusableText(text: string, parameter: string): void {
  if (!isStorableText(text)) throw invalidQuery(`"${parameter}" contains NUL or an unpaired surrogate`);
}
