/** Whether PostgreSQL can store the text and return it unchanged: without NUL and unpaired surrogates. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Whether the text has more than `limit` characters, counted by code point like PostgreSQL. */
export function isLongerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > 2 * limit) return true;
  return [...text].length > limit;
}

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The UUID in lower case, as PostgreSQL prints it, or null if it is malformed. Any version and variant. */
export function parseUuid(value: unknown): string | null {
  return typeof value === 'string' && uuidForm.test(value) ? value.toLowerCase() : null;
}

const wholeNumberForm = /^(?:0|-?[1-9]\d*)(?:\.0+)?$/;

/**
 * Parses an integer as callers write keys and counts: a number, or decimal digits with optional blanks around them,
 * where `1.0` is 1. Other forms that JavaScript accepts (`1e1`, `0x1f`, `+1`, `010`) give null. Beyond 2^53 − 1 the
 * result is not exact: the caller checks the range.
 */
export function parseWholeNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isInteger(value) ? value : null;
  return typeof value === 'string' && wholeNumberForm.test(value.trim()) ? Number(value) : null;
}
