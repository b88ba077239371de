import type { Field } from './collection.ts';
import type { Slot } from './draft.ts';
import type { Operand } from './resolve-field.ts';

/** Alias of the viewer's own user row, where it is joined. */
export const ownAlias = 'own';

/** A field of the viewer's own user row, read when the statement runs. */
export interface OwnField {
  readonly kind: 'own';
  readonly field: Field;
}

/** One of the possible values of a field, as a constant in the statement. */
export interface Literal {
  readonly kind: 'literal';
  readonly text: string;
}

/** A value supplied with each run, or read by the database. */
export type Given = Slot | OwnField;

/** A value that an operand is compared with. */
export type Value = Given | Literal;

export type Sign = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** The position at which a text must contain another. */
export type Position = 'anywhere' | 'start' | 'end';

/** A condition that rows must satisfy: the meaning of a filter, independent of its spelling. */
export type Condition =
  | { readonly kind: 'all'; readonly members: readonly Condition[] }
  | { readonly kind: 'any'; readonly members: readonly Condition[] }
  | { readonly kind: 'never' }
  | { readonly kind: 'test'; readonly operand: Operand; readonly test: 'null' | 'nnull' | 'empty' | 'nempty' }
  | { readonly kind: 'compare'; readonly operand: Operand; readonly sign: Sign; readonly value: Value }
  /** A comparison for paging. Texts are compared by code point, which is also the sort order of lists. */
  | { readonly kind: 'beyond'; readonly operand: Operand; readonly sign: Sign; readonly value: Slot }
  | {
      readonly kind: 'in';
      readonly operand: Operand;
      readonly negated: boolean;
      readonly list: Slot;
      /** Further members of the list. */
      readonly more: readonly OwnField[];
    }
  | { readonly kind: 'has_element'; readonly operand: Operand; readonly negated: boolean; readonly value: Value }
  | {
      readonly kind: 'between';
      readonly operand: Operand;
      readonly negated: boolean;
      readonly from: Value;
      readonly to: Value;
    }
  | {
      readonly kind: 'like';
      readonly operand: Operand;
      readonly negated: boolean;
      readonly ignoreCase: boolean;
      readonly position: Position;
      /** A finished pattern, or a text that must still be escaped. */
      readonly pattern: Given;
    };

/** A condition that requires all members; undefined if there are none. */
export function allOf(members: readonly Condition[]): Condition | undefined {
  return members.length > 1 ? { kind: 'all', members } : members[0];
}

/** A condition that requires at least one member; undefined if there are none. */
export function anyOf(members: readonly Condition[]): Condition | undefined {
  return members.length > 1 ? { kind: 'any', members } : members[0];
}
