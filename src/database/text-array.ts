/**
 * PostgreSQL's text of an array of these values, as a parameter of a statement; null and undefined become NULL. It takes
 * half as long as the conversion by `pg`, which matters for arrays of thousands of values.
 */
export function textArray(values: readonly (string | boolean | null | undefined)[]): string {
  const json = JSON.stringify(values);
  // Without a backslash, JSON has no escaped characters and differs from PostgreSQL's text only in the brackets.
  return json.includes('\\') ? `{${values.map(elementOf).join(',')}}` : `{${json.slice(1, -1)}}`;
}

function elementOf(value: string | boolean | null | undefined): string {
  return typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : String(value ?? null);
}
