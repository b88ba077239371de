import { invalidQuery } from '../../errors.ts';
import { isStorable } from '../../values.ts';

/** @throws ServiceError `INVALID_QUERY` naming the parameter if its text cannot be stored. */
export function refuseUnusableText(text: string, parameter: string): void {
  if (!isStorable(text)) throw invalidQuery(`"${parameter}" contains NUL or an unpaired surrogate`);
}
