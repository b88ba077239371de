import {
  coerceInputValue,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isListType,
} from 'graphql';
import type { Role } from '../../auth/viewer.ts';
import { failedValidation, forbiddenField, invalidPayload, type ServiceError, throwAll } from '../../errors.ts';
import { directusInputFieldOf } from '../../schema/directus-extension.ts';
import { isObject } from './query.ts';
import { isUsableText } from './text.ts';

/** Who writes into which collection; decides how a fault is told. */
export interface WriteScope {
  readonly collection: string;
  readonly role: Role;
}

/** Faults told of one body; whoever writes more of them has another problem than each of them. */
const faultsMax = 20;

/**
 * Spells the body of a write the way the schema's input does: numbers given for text become text.
 * @throws ServiceError(s) `INVALID_PAYLOAD` for a property that does not exist, `FAILED_VALIDATION` for a value of the
 * wrong type; to a member, who may write next to nothing, both are `FORBIDDEN`.
 */
export function toGraphQLInput(
  body: unknown,
  type: GraphQLInputObjectType,
  scope: WriteScope,
): Readonly<Record<string, unknown>> {
  if (!isObject(body)) throw invalidPayload('What is written must be an object');
  const fields = type.getFields();
  const faults: ServiceError[] = [];
  const input: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(body)) {
    if (faults.length === faultsMax) break;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const value = field && convert(given, field.type);
    if (field === undefined) faults.push(unknownProperty(name, scope));
    else if (value === undefined) faults.push(faultyValue(field, scope));
    else input[name] = value;
  }
  throwAll(faults);
  return input;
}

/** The value as the type takes it; undefined when it does not. Whether null may stand there is the schema's to say. */
function convert(value: unknown, type: GraphQLInputType): unknown {
  if (value === null) return null;
  const nullable = getNullableType(type);
  if (isListType(nullable) && Array.isArray(value)) {
    const items = value.map((item) => convert(item, nullable.ofType));
    return items.includes(undefined) ? undefined : items;
  }
  const candidates = typeof value === 'number' ? [value, String(value)] : [value];
  return candidates.find((candidate) => fits(candidate, nullable));
}

function fits(value: unknown, type: GraphQLInputType): boolean {
  if (typeof value === 'string' && !isUsableText(value)) return false;
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

function faultyValue(field: GraphQLInputField, { collection, role }: WriteScope): ServiceError {
  const isWritable = role === 'admin' || directusInputFieldOf(field)?.writableBy === 'member';
  return isWritable
    ? failedValidation(field.name, 'type', 'the value cannot be stored there')
    : forbiddenField(collection, field.name);
}
