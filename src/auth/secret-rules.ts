import { isLongerThan, isStorable } from '../values.ts';

/** Fewest and most characters of a new password and a new token; stored ones that are shorter stay good. */
export const passwordLength = { least: 8, most: 1000 } as const;
export const tokenLength = { least: 16, most: 255 } as const;

const tokenForm = /^[\x21-\x7e]*$/;

/** What is wrong with a new password, as the end of a sentence that names the field; null: nothing. */
export function passwordFault(password: string): string | null {
  const { least, most } = passwordLength;
  // Counted as it is hashed: in the composed form, however it was typed.
  const text = isLongerThan(password, most) ? undefined : password.normalize('NFC');
  if (text === undefined || !isLongerThan(text, least - 1)) return `must have ${least} to ${most} characters`;
  return isStorable(password) ? null : 'contains NUL or an unpaired surrogate';
}

/** What is wrong with a new token, as the end of a sentence that names the field; null: nothing. */
export function tokenFault(token: string): string | null {
  const { least, most } = tokenLength;
  const isGood = token.length >= least && token.length <= most && tokenForm.test(token);
  return isGood ? null : `must have ${least} to ${most} visible ASCII characters`;
}
