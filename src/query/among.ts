import type { Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import { type Operand, operand, rootAlias, rootPlace } from './operand.ts';

/**
 * That the row is one of those that can hold the text, where an index of texts knows them; it leaves out none that does.
 * Whatever is asked of the text is to be asked beside it.
 */
export function amongCandidates(draft: Draft, text: string): Condition | undefined {
  const { collection } = draft.scope;
  const field = collection.fields.get(collection.primaryKey);
  const list = draft.candidates(text);
  if (list === undefined || field === undefined) return undefined;
  const key = operand(draft, { place: rootPlace(collection), field, call: undefined });
  return { kind: 'in', operand: key, negated: false, list, more: [] };
}

/** Whether the index of texts knows this field. */
export function isInTexts(draft: Draft, { alias, field, call }: Operand): boolean {
  return alias === rootAlias && call === undefined && draft.scope.collection.texts?.fields.has(field.name) === true;
}
