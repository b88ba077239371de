import { invalidQuery, type ServiceError } from '../errors.ts';
import { coerce, sqlTypes, typeTitles } from './coerce.ts';
import { type Given, type OwnField, ownAlias } from './condition.ts';
import type { Draft } from './draft.ts';
import type { Scalar } from './filter-input.ts';
import { columnOf, type Operand } from './resolve-field.ts';
import { requireText } from './text.ts';
import { meaningOf } from './variables.ts';

/** One operator applied to one operand in a statement; error messages name both. */
export interface Use {
  readonly draft: Draft;
  readonly operand: Operand;
  readonly operator: string;
}

/** A parsed value: null, a scalar, a field of the viewer's own row (whose value PostgreSQL reads), or a list. */
type Read = null | Scalar | OwnField | readonly string[];

/** Whether the value is null. The texts `null` and `NULL` mean null as well. */
export function isNull(value: Scalar | null): value is null {
  return value === null || value === 'null' || value === 'NULL';
}

export function refusal({ operand, operator }: Use, reason: string): ServiceError {
  return invalidQuery(`"${operator}" of "${operand.key}" ${reason}`);
}

type Finish = (value: Scalar) => unknown;

/** Parses one value; null for NULL. `finish` may convert it before it is sent. */
export function readValue(use: Use, given: Scalar | null, finish: Finish = (value) => value): Given | null {
  if (given === '') throw refusal(use, 'does not take an empty string; use "_empty"');
  const read = readScalar(use, given);
  if (read === null) use.draft.mark('~');
  if (read === null || isOwn(read)) return read;
  if (typeof read === 'object') throw refusal(use, 'takes one value, not a list');
  return use.draft.bind(finish(read), sqlTypes[use.operand.type]);
}

/** Parses several values into one array parameter, so that their number does not change the shape. */
export function readList(use: Use, given: readonly (Scalar | null)[]) {
  const values: (Scalar | null)[] = [];
  const more: OwnField[] = [];
  for (const member of given) {
    const read = readScalar(use, member);
    if (read === null || typeof read !== 'object') values.push(read);
    else if (!isOwn(read)) values.push(...read.map((value) => typed(use, value)));
    else if (!more.some(({ field }) => field === read.field)) more.push(read);
  }
  return { list: use.draft.bind(values, `${sqlTypes[use.operand.type]}[]`), more };
}

function isOwn(read: Exclude<Read, null>): read is OwnField {
  return typeof read === 'object' && 'kind' in read;
}

function readScalar(use: Use, given: Scalar | null): Read {
  if (isNull(given)) return null;
  if (typeof given !== 'string') return typed(use, given);
  const text = requireText(given, `the value of "${use.operator}" of "${use.operand.key}"`);
  const meaning = meaningOf(use.draft.scope, text);
  if (!meaning) return typed(use, text);
  if (meaning.kind === 'list') return meaning.values;
  if (meaning.kind === 'own') return ownField(use, meaning.field);
  return meaning.value === null ? null : typed(use, meaning.value);
}

function typed(use: Use, value: Scalar): Scalar {
  const result = coerce(use.operand.type, value);
  if (result === undefined) throw refusal(use, `takes ${typeTitles[use.operand.type]}`);
  return result;
}

function ownField(use: Use, field: OwnField['field']): OwnField {
  const { draft, operand } = use;
  const wanted = operand.type === 'uuids' ? 'uuid' : operand.type;
  const fits = field.type === wanted || (wanted === 'string' && field.type === 'uuid');
  if (!fits) throw refusal(use, `takes ${typeTitles[operand.type]}, which "$CURRENT_USER.${field.name}" is not`);
  draft.mark(`$${field.name}`);
  joinOwnRow(draft);
  return { kind: 'own', field };
}

/**
 * Joins the viewer's own row once instead of reading it at each use, because PostgreSQL takes minutes to plan thousands
 * of subqueries.
 */
function joinOwnRow(draft: Draft): void {
  if (draft.joins.has(ownAlias)) return;
  const { viewer, users } = draft.scope;
  draft.mark(`^${ownAlias}`);
  draft.join({
    alias: ownAlias,
    table: users.table,
    primaryKey: columnOf(users, users.primaryKey),
    key: draft.bind(viewer.kind === 'user' ? viewer.id : null, 'uuid'),
    visible: 'all',
  });
}
