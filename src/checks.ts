import { z } from 'zod';
import {
  type ErrorExtensions,
  failedValidation,
  invalidPayload,
  invalidQuery,
  type ServiceError,
  throwAll,
  valueTooLong,
} from './errors.ts';
import { isLongerThan, isStorable, parseUuid } from './values.ts';

/** Creates the error for an invalid value. */
type Fault = (collection: string, field: string, value: unknown) => ServiceError;

/** A requirement on a value, and the error if it is violated. */
export type Rule = ReturnType<typeof fault>;

/** The text for a value that PostgreSQL cannot store as text. */
export const unstorable = 'contains NUL or an unpaired surrogate';
export const notUuid = 'must be a UUID';

/**
 * Creates the rule whose violation causes this error, for `refine` and `refuse`. A violation skips the remaining checks
 * of the field.
 */
export function fault(error: Fault) {
  return { code: 'custom', abort: true, params: { error } } as const;
}

/**
 * Creates the rule `type`, whose violation causes FAILED_VALIDATION. `text` completes a sentence that begins with the
 * field.
 */
export function rule(type: string, text: string, more?: ErrorExtensions) {
  return fault((_collection, field) => failedValidation(field, type, text, more));
}

/**
 * Text that PostgreSQL stores unchanged. @param limit maximum characters, counted by code point; VALUE_TOO_LONG beyond
 */
export function text(limit?: number) {
  const storable = z.string('must be a string').refine(isStorable, rule('string', unstorable));
  return limit === undefined ? storable : storable.refine((value) => !isLongerThan(value, limit), fault(valueTooLong));
}

/** Converts a value with `read`; null and undefined violate the rule. */
export function read<Value>(read: (value: unknown) => Value | null | undefined, broken: Rule) {
  return z.unknown().transform((input, context) => read(input) ?? refuse(context, input, broken));
}

/** Reports in a transform or refinement that the input violates the rule. */
export function refuse({ issues }: z.RefinementCtx, input: unknown, broken: Rule): never {
  issues.push({ ...broken, input });
  return z.NEVER;
}

/** A UUID of any version in any case; converted to lower case. */
export function uuid(broken = rule('uuid', notUuid)) {
  return read(parseUuid, broken);
}

/** One of these texts. */
export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, `must be one of ${values.join(', ')}`);
}

/** True or false. */
export function flag() {
  return z.boolean('must be true or false');
}

type WithoutUndefined<Given> = { [Name in keyof Given]: Exclude<Given[Name], undefined> };

/** The object without its undefined members; the object itself if it has none. */
export function omitUndefined<Given extends object>(object: Given): WithoutUndefined<Given> {
  const names = Object.keys(object) as (keyof Given)[];
  // All other members are unchanged.
  if (names.every((name) => object[name] !== undefined)) return object as WithoutUndefined<Given>;
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as WithoutUndefined<Given>;
}

/** @throws ServiceError INVALID_PAYLOAD if one write has more than `most` items. */
export function checkBatch(count: number, most: number, items = 'items', whole = 'write'): void {
  if (count > most) throw invalidPayload(`one ${whole} may have at most ${most} ${items}, not ${count}`);
}

/** Maximum nesting depth of filters: deeper than any real filter, and shallow enough for every recursive function. */
export const filterDepthMax = 100;

/** @throws ServiceError INVALID_QUERY for a filter that is nested deeper than `filterDepthMax`. */
export function checkFilterDepth(depth: number): void {
  if (depth > filterDepthMax) throw invalidQuery(`"filter" may be nested at most ${filterDepthMax} levels deep`);
}

/**
 * Returns a function that validates an object and returns the schema's output; the schema is compiled here, once.
 * @param most maximum number of reported faults
 * @throws ServiceError with one fault for each invalid field: first the unknown fields, then the others in the order of
 * the schema.
 */
export function checker<Schema extends z.ZodObject>(collection: string, schema: Schema, most?: number) {
  const compiled = z.compile(schema, { strict: true });
  return (input: object): z.output<Schema> => {
    const result = compiled.safeParse(input);
    if (!result.success) throwAll(faultsOf(collection, input, result.error.issues.slice(0, most)));
    return result.data as z.output<Schema>;
  };
}

function faultsOf(collection: string, input: object, issues: readonly z.core.$ZodIssue[]): ServiceError[] {
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const faulty = issues.filter(({ code }) => code !== 'unrecognized_keys');
  return [
    ...unknown.map((field) => failedValidation(field, 'unknown', `"${collection}" has no such field`)),
    ...faulty.map((issue) => faultOf(collection, input, issue)),
  ];
}

function faultOf(collection: string, input: object, issue: z.core.$ZodIssue): ServiceError {
  const field = String(issue.path[0]);
  const value = issue.path.reduce<unknown>((whole, key) => Object(whole)[key], input);
  const more = issue.code === 'invalid_value' ? { valid: issue.values } : {};
  if (value === undefined) return failedValidation(field, 'required', 'is required', more);
  if (value === null) return failedValidation(field, 'nnull', 'must not be null', more);
  if (issue.code === 'invalid_value') return failedValidation(field, 'in', issue.message, more);
  if (issue.code === 'invalid_type') return failedValidation(field, issue.expected, issue.message);
  const error: unknown = issue.code === 'custom' ? issue.params?.['error'] : undefined;
  // Only `fault` creates such issues.
  if (typeof error === 'function') return (error as Fault)(collection, field, value);
  throw new Error(`There is no error for the issue ${issue.code} of the field "${field}".`);
}
