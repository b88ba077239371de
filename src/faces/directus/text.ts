import { invalidQuery } from '../../errors.ts';

/** Whether PostgreSQL can hold the text: it has no NUL, and half of a surrogate pair is no character. */
export function isUsableText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/** @throws ServiceError `INVALID_QUERY` naming the parameter whose text no column can hold. */
export function refuseUnusableText(text: string, parameter: string): void {
  if (!isUsableText(text)) throw invalidQuery(`"${parameter}" holds characters that are not allowed`);
}
