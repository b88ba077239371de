import { invalidQuery } from '../errors.ts';
import type { Field } from './collection.ts';

/** Parts of a point in time, computed in UTC as whole numbers; `week` is the ISO week, `weekday` 0 is Sunday. */
export const dateFunctions = ['year', 'month', 'week', 'day', 'weekday', 'hour', 'minute', 'second'] as const;
export type DateFunction = (typeof dateFunctions)[number];

const names: ReadonlySet<string> = new Set(dateFunctions);

/** Splits `year(timestamp)`; undefined for anything that does not look like a call. */
export function parseCall(text: string): { readonly name: string; readonly argument: string } | undefined {
  if (!text.endsWith(')')) return undefined;
  const open = text.indexOf('(');
  return open <= 0 ? undefined : { name: text.slice(0, open), argument: text.slice(open + 1, -1) };
}

/**
 * The function of that name, if it can be applied to the field.
 * @throws ServiceError INVALID_QUERY when there is no such function or the field holds no time.
 */
export function dateFunction(name: string, field: Field): DateFunction {
  if (!names.has(name)) throw invalidQuery(`there is no function "${name}" (asked for on "${field.name}")`);
  if (field.type !== 'timestamp') throw invalidQuery(`the function "${name}" does not apply to "${field.name}"`);
  // Checked by the set just above.
  return name as DateFunction;
}
