import { GraphQLError, Kind, type ObjectValueNode, type ValueNode, valueFromASTUntyped } from 'graphql';
import { userKeyRule, userKeyText } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';

function mustBeText(scalar: string): (value: unknown) => string {
  return (value) => {
    if (typeof value === 'string') return value;
    throw new GraphQLError(`${scalar} must be a string.`);
  };
}

builder.scalarType('Date', {
  description: 'A point in time as ISO-8601 text.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => value,
  parseValue: mustBeText('Date'),
});

builder.scalarType('Hash', {
  description: 'A secret, written in plain text. It cannot be read back: a value that is set reads as asterisks.',
  serialize: (value) => value,
  parseValue: mustBeText('Hash'),
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

builder.scalarType('GraphQLBigInt', {
  description: 'A whole number that may exceed 32 bits, written as text.',
  serialize: (value) => String(value),
  parseValue: (value) => {
    if (Number.isSafeInteger(Number(value)) && value !== '') return Number(value);
    throw new GraphQLError('GraphQLBigInt must be a whole number.');
  },
});

builder.scalarType('GraphQLStringOrFloat', {
  description: 'A number, or a string that contains one.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value === 'string' || typeof value === 'number') return value;
    throw new GraphQLError('GraphQLStringOrFloat must be a number or a string.');
  },
});

/** Reads how a user is named: `"<text>"` or an object such as `{ id: "<uuid>" }`; clients of this API use both. */
function userKey(value: unknown): string {
  const key = typeof value === 'string' ? value : userKeyText(value);
  if (key !== undefined) return key;
  throw new GraphQLError(
    'directus_users_key must be a string that names a user, or an object with one of id, external_id, username and email.',
  );
}

/** During validation, a variable inside the literal has no value yet; it is checked in execution. */
function holdsVariable(node: ValueNode): boolean {
  return (
    node.kind === Kind.OBJECT && (node as ObjectValueNode).fields.some(({ value }) => value.kind === Kind.VARIABLE)
  );
}

builder.scalarType('directus_users_key', {
  description: `Names a user: ${userKeyRule}.`,
  serialize: (value) => value,
  parseValue: userKey,
  parseLiteral: (node, variables) =>
    variables == null && holdsVariable(node) ? '' : userKey(valueFromASTUntyped(node, variables)),
});
