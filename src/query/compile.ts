import { type RawBuilder, sql } from 'kysely';
import type { Field } from './collection.ts';
import { type Condition, type OwnField, ownAlias, type Position, type Value } from './condition.ts';
import type { Slot } from './draft.ts';
import type { DateFunction } from './functions.ts';
import type { Operand } from './resolve-field.ts';

/** A piece of SQL. It contains slots instead of values, which are supplied with each run. */
export type Piece = RawBuilder<unknown>;

export const nothing: Piece = sql``;

const words = new Map<string, Piece>();

/** Constant SQL, cached because long filters repeat the same words. Never pass text from a caller. */
function word(text: string): Piece {
  const cached = words.get(text);
  if (cached) return cached;
  const made = sql.raw(text);
  words.set(text, made);
  return made;
}

/** A slot with its type, so that PostgreSQL does not infer one. */
export function slot(value: Slot): Piece {
  return sql`${value}::${word(value.type)}`;
}

/** The SQL of an operand. */
export function readOperand({ alias, field, call }: Operand): Piece {
  const column = columnPiece(alias, field);
  return call ? datePart(call, column) : column;
}

function columnPiece(alias: string, field: Field): Piece {
  return word(field.expression ? field.expression(alias) : `"${alias}"."${field.column}"`);
}

/** The SQL to sort by. Texts are sorted in code point order, whatever the collation of the database is. */
export function sortable(operand: Operand): Piece {
  return operand.type === 'string' ? sql`${readOperand(operand)} collate "C"` : readOperand(operand);
}

const dateParts: Readonly<Record<DateFunction, string>> = {
  year: 'year',
  month: 'month',
  week: 'week',
  day: 'day',
  weekday: 'dow',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
};

function datePart(call: DateFunction, column: Piece): Piece {
  // Seconds have a fraction, which a plain cast would round up to 60.
  return sql`trunc(extract(${word(dateParts[call])} from ${column} at time zone 'UTC'))::int`;
}

/** The SQL of a condition, in parentheses where needed. */
export function compileCondition(condition: Condition): Piece {
  switch (condition.kind) {
    case 'all':
      return sql`(${sql.join(condition.members.map(compileCondition), sql` and `)})`;
    case 'any':
      return sql`(${sql.join(condition.members.map(compileCondition), sql` or `)})`;
    case 'never':
      return sql`false`;
    case 'test':
      return test(condition.operand, condition.test);
    case 'compare':
      return compare(condition);
    case 'beyond':
      return sql`${sortable(condition.operand)} ${word(condition.sign)} ${slot(condition.value)}`;
    case 'in': {
      const { operand, negated, more } = condition;
      return sql`${readOperand(operand)} ${word(negated ? '<> all' : '= any')}(${list(condition.list, more, operand)})`;
    }
    case 'between': {
      const { operand, negated, from, to } = condition;
      return sql`${readOperand(operand)} ${not(negated)}between ${value(from, operand)} and ${value(to, operand)}`;
    }
    case 'has_element': {
      const { operand, negated } = condition;
      return sql`${not(negated)}(${readOperand(operand)} @> array[${value(condition.value, operand)}])`;
    }
    case 'like': {
      const { operand, negated, ignoreCase } = condition;
      return sql`${readOperand(operand)} ${not(negated)}${word(ignoreCase ? 'ilike' : 'like')} ${pattern(condition)}`;
    }
  }
}

function not(negated: boolean): Piece {
  return negated ? sql`not ` : nothing;
}

function test(operand: Operand, kind: (Condition & { kind: 'test' })['test']): Piece {
  const operandSql = readOperand(operand);
  switch (kind) {
    case 'null':
      return sql`${operandSql} is null`;
    case 'nnull':
      return sql`${operandSql} is not null`;
    case 'empty':
      return sql`(${operandSql} is null or ${operandSql} = '')`;
    case 'nempty':
      return sql`(${operandSql} is not null and ${operandSql} <> '')`;
  }
}

function compare({ operand, sign, value: right }: Condition & { kind: 'compare' }): Piece {
  const left = readOperand(operand);
  if (right.kind === 'own') {
    // Only PostgreSQL knows whether the viewer's field is null; if it is, null counts as equal.
    const own = value(right, operand);
    if (sign === '=') return sql`${left} is not distinct from ${own}`;
    if (sign === '<>') return sql`(${left} is not null and ${left} is distinct from ${own})`;
  }
  return sql`${left} ${word(sign)} ${value(right, operand)}`;
}

function value(given: Value, operand: Operand): Piece {
  if (given.kind === 'literal') return sql.lit(given.text);
  return given.kind === 'slot' ? slot(given) : ownField(given, operand);
}

function ownField({ field }: OwnField, operand: Operand): Piece {
  const read = columnPiece(ownAlias, field);
  return operand.type === 'string' ? sql`${read}::text` : read;
}

function list(constant: Slot, more: readonly OwnField[], operand: Operand): Piece {
  return more.reduce((array, own) => sql`array_append(${array}, ${ownField(own, operand)})`, slot(constant));
}

function pattern({ pattern: given, position, operand }: Condition & { kind: 'like' }): Piece {
  if (given.kind === 'slot') return slot(given);
  const before: Record<Position, string> = { anywhere: `'%' || `, end: `'%' || `, start: '' };
  const after: Record<Position, string> = { anywhere: ` || '%'`, start: ` || '%'`, end: '' };
  const literal = sql`regexp_replace(${ownField(given, operand)}, '([\\\\%_])', '\\\\\\1', 'g')`;
  return sql`(${word(before[position])}${literal}${word(after[position])})`;
}
