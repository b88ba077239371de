import type { Field } from './collection.ts';
import type { Slot } from './draft.ts';
import type { Operand } from './operand.ts';

/** The alias of the viewer's own user row, where it is joined. */
export const ownAlias = 'own';

/** A field of the viewer's own user row, read when the statement runs. */
export interface OwnField {
  readonly kind: 'own';
  readonly field: Field;
}

/** One of the few values that a field can have, as a part of the statement. */
export interface Literal {
  readonly kind: 'literal';
  readonly text: string;
}

/** A value that is told with every run, or known to the database then. */
export type Given = Slot | OwnField;

/** What an operand is compared with. */
export type Value = Given | Literal;

export type Sign = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** Where a text is looked for in another. */
export type Position = 'anywhere' | 'start' | 'end';

/** What rows must fulfil: the meaning of a filter, free of the ways it can be spelled. */
export type Condition =
  | { readonly kind: 'all'; readonly members: readonly Condition[] }
  | { readonly kind: 'any'; readonly members: readonly Condition[] }
  | { readonly kind: 'never' }
  | { readonly kind: 'test'; readonly operand: Operand; readonly test: 'null' | 'nnull' | 'empty' | 'nempty' }
  | { readonly kind: 'compare'; readonly operand: Operand; readonly sign: Sign; readonly value: Value }
  /** As lists are sorted: texts by code point. */
  | { readonly kind: 'beyond'; readonly operand: Operand; readonly sign: Sign; readonly value: Slot }
  | {
      readonly kind: 'in';
      readonly operand: Operand;
      readonly negated: boolean;
      readonly list: Slot;
      /** More members of the list. */
      readonly more: readonly OwnField[];
    }
  | { readonly kind: 'holds'; readonly operand: Operand; readonly negated: boolean; readonly value: Value }
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
      /** A finished pattern, or a text that is not escaped yet. */
      readonly pattern: Given;
    };

/** All of them; undefined when there is none, which asks for nothing. */
export function allOf(members: readonly Condition[]): Condition | undefined {
  return members.length > 1 ? { kind: 'all', members } : members[0];
}

/** Any of them; undefined when there is none, which asks for nothing. */
export function anyOf(members: readonly Condition[]): Condition | undefined {
  return members.length > 1 ? { kind: 'any', members } : members[0];
}
