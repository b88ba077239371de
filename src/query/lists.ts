/** Whether it is an object of named members, as JSON and GraphQL make them. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The members of an array, also when a query string spelled it as an object of indexes (`filter[_or][0]…`).
 * Undefined for anything else.
 */
export function membersOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return undefined;
  const indexes = Object.keys(value);
  // Integer keys come in ascending order, whatever order they were written in.
  return indexes.length > 0 && indexes.every((index) => /^\d+$/.test(index)) ? Object.values(value) : undefined;
}

/** As `membersOf`, and a text is its parts between commas, and any other scalar the only member. */
export function valuesOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value === 'string') return value === '' ? [] : value.split(',');
  return typeof value === 'number' || typeof value === 'boolean' ? [value] : membersOf(value);
}
