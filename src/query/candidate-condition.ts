import type { Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import { type Operand, operand, rootAlias, rootTable } from './resolve-field.ts';

/**
 * Restricts rows to the candidates of the text index for this text, if there are any. All matching rows are candidates,
 * but not vice versa, so the actual condition must be added.
 */
export function amongCandidates(draft: Draft, text: string): Condition | undefined {
  const { collection } = draft.scope;
  const field = collection.fields.get(collection.primaryKey);
  const list = draft.candidates(text);
  if (list === undefined || field === undefined) return undefined;
  const key = operand(draft, { table: rootTable(collection), field, call: undefined });
  return { kind: 'in', operand: key, negated: false, list, more: [] };
}

/** Whether the text index covers this field. */
export function isInTexts(draft: Draft, { alias, field, call }: Operand): boolean {
  return alias === rootAlias && call === undefined && draft.scope.collection.texts?.fields.has(field.name) === true;
}
