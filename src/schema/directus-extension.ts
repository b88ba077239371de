import type { GraphQLField, GraphQLInputField } from 'graphql';

/**
 * What the Directus REST face needs to know about an output field beside its GraphQL type; set as
 * `extensions.directus`. A field without it exists in GraphQL only: REST treats it as unknown.
 */
export interface DirectusField {
  /** Whether `fields=*` includes it. */
  readonly star: boolean;
  /** `admin`: not in a member's `*`, and refused when a member names it. */
  readonly readableBy: 'member' | 'admin';
  /** `id` is a key that is text in GraphQL's `ID` and a number in REST; all other kinds look the same in both. */
  readonly kind: 'plain' | 'id' | 'date' | 'relation';
  /** For a relation: the sibling with the plain key, read when no sub-fields are requested. */
  readonly keyField?: string;
  /** For a plain key: the sibling with the referenced object, read when sub-fields are requested. */
  readonly objectField?: string;
  /** The sibling whose sub-fields are the date functions of this field. */
  readonly functionsField?: string;
}

/** What the Directus REST face needs to know about an input field; set as `extensions.directus`. */
export interface DirectusInputField {
  /** `member`: members may write it, so they are told about invalid values. Default: `admin`. */
  readonly writableBy: 'member' | 'admin';
}

/** The Directus side of an output field; undefined if REST does not show it. */
export function directusFieldOf(field: GraphQLField<unknown, unknown>): DirectusField | undefined {
  // `extensions` is an open record; only our schema sets this key.
  return field.extensions['directus'] as DirectusField | undefined;
}

/** The Directus side of an input field; undefined if it has none. */
export function directusInputFieldOf(field: GraphQLInputField): DirectusInputField | undefined {
  // As above: only our schema sets this key.
  return field.extensions['directus'] as DirectusInputField | undefined;
}
