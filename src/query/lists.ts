/** Whether the value is an object with named members, as in JSON and GraphQL. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The members of an array, also when a query string spells it as an object with indexes (`filter[_or][0]…`). Undefined
 * for anything else.
 */
export function membersOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return undefined;
  const indexes = Object.keys(value);
  // Integer keys of objects are in ascending order, however they were written.
  return indexes.length > 0 && indexes.every((index) => /^\d+$/.test(index)) ? Object.values(value) : undefined;
}

/** Like `membersOf`, but a text is split at commas and any other scalar is the only member. */
export function valuesOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value === 'string') return value === '' ? [] : value.split(',');
  return typeof value === 'number' || typeof value === 'boolean' ? [value] : membersOf(value);
}
