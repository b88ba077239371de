import {
  coerceInputValue,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLString,
  getNullableType,
  isListType,
} from 'graphql';
import type { FieldAccess } from '../../auth/rights.ts';
import { failedValidation, forbiddenField, invalidPayload, type ServiceError, throwAll } from '../../errors.ts';
import { directusInputFieldOf } from '../../schema/directus-extension.ts';
import { isStorable } from '../../values.ts';
import { isObject } from './query.ts';

/** The collection and the role that writes to it; the role decides which error is sent. */
export interface WriteScope {
  readonly collection: string;
  readonly role: FieldAccess;
}

/** Maximum number of faults reported for one body. */
const faultsMax = 20;

/**
 * Converts the body of a write to the schema's input: numbers in text fields become text.
 * @throws ServiceError(s) `INVALID_PAYLOAD` for an unknown property, `FAILED_VALIDATION` for a value of the wrong type;
 * for members, on fields that they may not write, `FORBIDDEN` instead.
 */
export function toGraphQLInput(
  body: unknown,
  type: GraphQLInputObjectType,
  scope: WriteScope,
): Readonly<Record<string, unknown>> {
  if (!isObject(body)) throw invalidPayload('The payload must be an object');
  const fields = type.getFields();
  const faults: ServiceError[] = [];
  const input: Record<string, unknown> = {};
  for (const name of Object.keys(body)) {
    if (faults.length === faultsMax) break;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const value = field && convert(body[name], field.type);
    if (field === undefined) faults.push(unknownProperty(name, scope));
    else if (value === undefined) faults.push(invalidValue(field, scope));
    else input[name] = value;
  }
  throwAll(faults);
  return input;
}

/** The value converted to the type; undefined if it does not fit. Null is left to the schema to check. */
function convert(value: unknown, type: GraphQLInputType): unknown {
  if (value === null) return null;
  // Most values are texts for text fields, which accept every text that can be stored.
  if (typeof value === 'string' && type === GraphQLString) return isStorable(value) ? value : undefined;
  const nullable = getNullableType(type);
  if (isListType(nullable) && Array.isArray(value)) {
    const items = value.map((item) => convert(item, nullable.ofType));
    return items.includes(undefined) ? undefined : items;
  }
  const candidates = typeof value === 'number' ? [value, String(value)] : [value];
  return candidates.find((candidate) => fits(candidate, nullable));
}

function fits(value: unknown, type: GraphQLInputType): boolean {
  if (typeof value === 'string' && !isStorable(value)) return false;
  try {
    coerceInputValue(value, type);
    return true;
  } catch {
    return false;
  }
}

function unknownProperty(name: string, { collection, role }: WriteScope): ServiceError {
  return role === 'admin'
    ? invalidPayload(`"${name}" is not a field of "${collection}"`)
    : forbiddenField(collection, name);
}

function invalidValue(field: GraphQLInputField, { collection, role }: WriteScope): ServiceError {
  const isWritable = role === 'admin' || directusInputFieldOf(field)?.writableBy === 'member';
  return isWritable
    ? failedValidation(field.name, 'type', 'the value cannot be stored there')
    : forbiddenField(collection, field.name);
}
