import type { GraphQLField, GraphQLInputField } from 'graphql';

/**
 * What the Directus REST face must know of an output field besides its GraphQL type; set as `extensions.directus`.
 * A field without it exists in GraphQL only: REST callers who name it are told it does not exist.
 */
export interface DirectusField {
  /** Whether `fields=*` includes it. */
  readonly star: boolean;
  /** `admin`: left out of a member's `*`, and refused when a member names it. */
  readonly readableBy: 'member' | 'admin';
  /** `id` is a key that GraphQL's `ID` spells as text and REST as a number; every other kind looks the same in both. */
  readonly kind: 'plain' | 'id' | 'date' | 'relation';
  /** Of a relation: the sibling that holds the plain key, read when the relation is asked for without a sub-field. */
  readonly keyField?: string;
  /** Of a plain key: the sibling that holds what it points at, read when sub-fields are asked for. */
  readonly objectField?: string;
  /** The sibling whose sub-fields are the date functions of this field. */
  readonly functionsField?: string;
}

/** What the Directus REST face must know of an input field; set as `extensions.directus`. */
export interface DirectusInputField {
  /** `member`: a member may write it, so a faulty value is told to him as such. Missing counts as `admin`. */
  readonly writableBy: 'member' | 'admin';
}

/** The Directus side of an output field, or undefined when REST does not show the field. */
export function directusFieldOf(field: GraphQLField<unknown, unknown>): DirectusField | undefined {
  // `extensions` is an open record; this key is set by our own schema only.
  return field.extensions['directus'] as DirectusField | undefined;
}

/** The Directus side of an input field, or undefined when nothing is set. */
export function directusInputFieldOf(field: GraphQLInputField): DirectusInputField | undefined {
  // As above: an open record, and a key that only our schema sets.
  return field.extensions['directus'] as DirectusInputField | undefined;
}
