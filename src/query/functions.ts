import { invalidQuery } from '../errors.ts';
import type { Field } from './collection.ts';

/** Parts of a timestamp as integers in UTC; `week` is the ISO week, `weekday` 0 is Sunday. */
export const dateFunctions = ['year', 'month', 'week', 'day', 'weekday', 'hour', 'minute', 'second'] as const;
export type DateFunction = (typeof dateFunctions)[number];

const names: ReadonlySet<string> = new Set(dateFunctions);

/** Splits `year(timestamp)`; undefined for anything that is not a call. */
export function parseCall(text: string): { readonly name: string; readonly argument: string } | undefined {
  if (!text.endsWith(')')) return undefined;
  const open = text.indexOf('(');
  return open <= 0 ? undefined : { name: text.slice(0, open), argument: text.slice(open + 1, -1) };
}

/**
 * The function with this name, if it applies to the field.
 * @throws ServiceError INVALID_QUERY for an unknown function or a field that is not a timestamp.
 */
export function dateFunction(name: string, field: Field): DateFunction {
  if (!names.has(name)) throw invalidQuery(`there is no function "${name}" for "${field.name}"`);
  if (field.type !== 'timestamp') throw invalidQuery(`the function "${name}" does not apply to "${field.name}"`);
  // The set above has checked it.
  return name as DateFunction;
}
