/** What PostgreSQL cannot store as text: the NUL character, and half of a surrogate pair. */
const unstorable = /\0|\p{Surrogate}/u;

/** Whether the text can be stored and read back unchanged. */
export function isStorable(text: string): boolean {
  return !unstorable.test(text);
}

/** Whether the text has more than `limit` characters, counted as PostgreSQL counts: by code point. */
export function isLongerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > 2 * limit) return true;
  return [...text].length > limit;
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The uuid in the database's own spelling (lower case), or null when it is none. Any version and variant will do. */
export function parseUuid(value: unknown): string | null {
  return typeof value === 'string' && uuidForm.test(value) ? value.toLowerCase() : null;
}

const wholeNumberForm = /^(?:0|-?[1-9]\d*)(?:\.0+)?$/;

/**
 * A whole number as callers write keys and amounts, or null: a number, or text in decimal digits, blanks around it aside, of
 * which `1.0` is 1. What JavaScript would take besides (`1e1`, `0x1f`, `+1`, `010`) is none. One beyond 2^53 − 1 is not
 * exact: whether the number is in range is the caller's to check.
 */
export function parseWholeNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isInteger(value) ? value : null;
  return typeof value === 'string' && wholeNumberForm.test(value.trim()) ? Number(value) : null;
}
