import { isLongerThan, isStorable } from '../values.ts';

/** Minimum and maximum length of new passwords and tokens; shorter stored ones stay valid. */
export const passwordLength = { least: 8, most: 1000 } as const;
export const tokenLength = { least: 16, most: 255 } as const;

const tokenPattern = /^[\x21-\x7e]*$/;

/** What is wrong with a new password, as the end of a sentence that names the field; null if it is valid. */
export function passwordFault(password: string): string | null {
  const { least, most } = passwordLength;
  // Counted in normalised form, as it is hashed.
  const text = isLongerThan(password, most) ? undefined : password.normalize('NFC');
  if (text === undefined || !isLongerThan(text, least - 1)) return `must have ${least} to ${most} characters`;
  return isStorable(password) ? null : 'contains NUL or an unpaired surrogate';
}

/** What is wrong with a new token, as the end of a sentence that names the field; null if it is valid. */
export function tokenFault(token: string): string | null {
  const { least, most } = tokenLength;
  const isValid = token.length >= least && token.length <= most && tokenPattern.test(token);
  return isValid ? null : `must have ${least} to ${most} visible ASCII characters`;
}
