import { fieldAccess } from '../auth/rights.ts';
import { invalidQuery } from '../errors.ts';
import { amongCandidates, isInTexts } from './candidate-condition.ts';
import { coerce, sqlTypes } from './coerce.ts';
import { allOf, anyOf, type Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import { requireShortSearch } from './query-limits.ts';
import { operand, rootTable } from './resolve-field.ts';
import { escapeLike, requireText } from './text.ts';

/**
 * Matches rows that contain the term in a text field, or equal it in a number or key; undefined without a term. Only
 * fields that the viewer may read are searched, and no related rows.
 * @throws ServiceError INVALID_QUERY for text that PostgreSQL cannot store.
 */
export function parseSearch(draft: Draft, search: string | null | undefined): Condition | undefined {
  if (search === null || search === undefined) return undefined;
  if (typeof search !== 'string') throw invalidQuery('"search" must be a string');
  const term = requireText(search.trim(), '"search"');
  if (term === '') return undefined;
  requireShortSearch(term);
  const { collection, viewer } = draft.scope;
  const table = rootTable(collection);
  const pattern = draft.bind(`%${escapeLike(term)}%`, 'text');
  draft.mark('?');
  draft.avoidGenericPlan();
  const texts: Condition[] = [];
  const others: Condition[] = [];
  for (const field of collection.fields.values()) {
    if (!field.searchable || (field.readableBy === 'admin' && fieldAccess(viewer) !== 'admin')) continue;
    if (field.type !== 'string' && field.type !== 'integer' && field.type !== 'uuid') continue;
    const target = operand(draft, { table, field, call: undefined });
    if (field.type !== 'string') {
      const value = coerce(field.type, term);
      // A number matches only in its canonical form: a search for the version 1.0 is not a search for the key 1.
      if (value === undefined || (typeof value === 'number' && String(value) !== term)) continue;
      draft.mark(`=${field.name}`);
      others.push({ kind: 'compare', operand: target, sign: '=', value: draft.bind(value, sqlTypes[field.type]) });
    } else if (field.values === undefined) {
      draft.mark(`%${field.name}`);
      const like = { kind: 'like', operand: target, negated: false, ignoreCase: true } as const;
      (isInTexts(draft, target) ? texts : others).push({ ...like, position: 'anywhere', pattern });
    } else {
      // The matching values are determined here, so that the field's indexes apply.
      for (const text of field.values.filter((each) => each.includes(term.toLowerCase()))) {
        draft.mark(`"${text}"`);
        others.push({ kind: 'compare', operand: target, sign: '=', value: { kind: 'literal', text } });
      }
    }
  }
  const candidates = texts.length === 0 ? undefined : amongCandidates(draft, term);
  const inTexts = anyOf(texts);
  const found = candidates && inTexts ? allOf([candidates, inTexts]) : inTexts;
  return anyOf(found ? [...others, found] : others) ?? { kind: 'never' };
}
