import fc from 'fast-check';
import type { Filter } from '../../src/query/filter-input.ts';
import { alice, bob, carol, type Row } from './people.ts';

// Few letters, so that random texts contain each other; including those with a meaning in LIKE, CSV and collations.
const letters = ['a', 'A', 'b', 'B', 'é', 'É', '%', '_', '\\', ' ', '\uffee', '😀'];
const shortText = fc.string({ unit: fc.constantFrom(...letters), maxLength: 4 });
const term = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 2 });
const person = fc.constantFrom(alice, bob, carol);

/** Times around the turns of years, weeks and hours. */
const time = fc
  .integer({ min: 0, max: 24 * 40 })
  .map((step) => new Date(Date.UTC(2024, 11, 20) + step * 30 * 60_001).toISOString());

const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 3 });

export const rows: fc.Arbitrary<Row[]> = fc.uniqueArray(
  fc.record<Row>({
    id: fc.integer({ min: 1, max: 30 }),
    recipient: person,
    sender: orNull(person),
    timestamp: orNull(time),
    status: fc.constantFrom('inbox', 'archived'),
    subject: shortText,
    message: orNull(shortText),
    collection: orNull(shortText),
    item: orNull(shortText),
  }),
  { selector: ({ id }) => id, maxLength: 20 },
);

const flag = fc.boolean();
const ends = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.array(value, { minLength: 2, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(value, { minLength: 1, maxLength: 3 }) },
  );

/** An object with one or two of these members. */
function some(members: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  return fc
    .subarray(Object.keys(members), { minLength: 1, maxLength: 2 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, members[name] ?? fc.constant(null)]))));
}

/** One of both, more often the first. */
const often = (usual: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: other });

/** Valid filters on notifications: in the schema's form, with null and empty parts, or in every spelling of REST. */
function filtersIn(spelling: 'graphql' | 'rest'): fc.Arbitrary<unknown> {
  const isRest = spelling === 'rest';

  const listOf = (value: fc.Arbitrary<unknown>) => {
    const several = fc.array(orNull(value), { minLength: 1, maxLength: 3 });
    // A list may also be an object with indexes as keys, as query strings are parsed.
    return isRest
      ? fc.oneof(
          several,
          several.map((members) => ({ ...members })),
        )
      : several;
  };
  const known = { _null: flag, _nnull: flag };
  const equal = (value: fc.Arbitrary<unknown>) => ({
    _eq: orNull(value),
    _neq: orNull(value),
    _in: listOf(value),
    _nin: listOf(value),
  });
  const ordered = (value: fc.Arbitrary<unknown>) =>
    some({
      ...known,
      ...equal(value),
      _lt: value,
      _lte: value,
      _gt: value,
      _gte: value,
      _between: ends(value),
      _nbetween: ends(value),
    });
  const number = fc.integer({ min: -1, max: 31 });
  const onNumber = ordered(fc.oneof(number, number.map(String)));
  const onTime = ordered(time);
  const onKey = some({ ...known, ...equal(person) });
  const onText = some({
    ...known,
    ...equal(term),
    _empty: flag,
    _nempty: flag,
    ...Object.fromEntries(
      ['contains', 'ncontains', 'icontains', 'starts_with', 'nstarts_with', 'istarts_with', 'nistarts_with']
        .concat('ends_with', 'nends_with', 'iends_with', 'niends_with')
        .map((name) => [`_${name}`, term]),
    ),
  });

  function groups(member: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const members = isRest
      ? fc.array(member, { minLength: 1, maxLength: 3 })
      : fc.array(fc.oneof({ weight: 9, arbitrary: member }, { weight: 1, arbitrary: fc.constantFrom({}, null) }), {
          maxLength: 3,
        });
    return some({ _and: members, _or: members });
  }

  /** Spellings only REST has: groups of operators below the field, and a plain value for equality. */
  const inRest = (operators: fc.Arbitrary<unknown>, value: fc.Arbitrary<unknown>) =>
    isRest ? fc.oneof(often(operators, groups(operators)), value) : operators;
  const text = inRest(onText, term);
  const onFunctions = some({
    year: ordered(fc.integer({ min: 2024, max: 2025 })),
    month: ordered(fc.constantFrom(1, 11, 12)),
    week: ordered(fc.constantFrom(1, 2, 51, 52, 53)),
    day: onNumber,
    weekday: ordered(fc.integer({ min: 0, max: 7 })),
    hour: onNumber,
    minute: onNumber,
    second: onNumber,
  });
  const fieldsOfPerson = { id: inRest(onKey, person), email: text, first_name: text, role: text };
  const onPerson = isRest
    ? fc.oneof(
        orNull(person),
        onKey,
        some({ ...fieldsOfPerson, _nnull: flag }),
        groups(some({ id: onKey, first_name: text, _eq: orNull(person) })),
      )
    : fc.oneof(fc.constant(null), some(fieldsOfPerson), groups(some(fieldsOfPerson)));
  const functions: Readonly<Record<string, fc.Arbitrary<unknown>>> = isRest
    ? {
        'year(timestamp)': inRest(onNumber, orNull(fc.constantFrom(2024, 2025))),
        'week(timestamp)': onNumber,
        'second(timestamp)': onNumber,
      }
    : { timestamp_func: onFunctions };

  return fc.letrec((tie) => ({
    filter: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie('fields'), groups(tie('filter')), tie('mixed')),
    // A field and groups in the same object.
    mixed: fc.tuple(groups(tie('filter')), onText).map(([members, subject]) => ({ ...(members as object), subject })),
    fields: some({
      id: inRest(onNumber, number),
      timestamp: inRest(onTime, orNull(time)),
      ...functions,
      status: text,
      recipient: onPerson,
      sender: onPerson,
      subject: text,
      message: isRest ? text : orNull(text),
      collection: text,
      item: text,
    }),
  })).filter;
}

// Every filter that the schema accepts has the type Filter.
export const filters = filtersIn('graphql') as fc.Arbitrary<Filter>;
export const filtersOfRest = filtersIn('rest');

/** Sort fields, without the primary key at the end. */
export const sorts: fc.Arbitrary<string[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.constantFrom(
        'id',
        'timestamp',
        'status',
        'subject',
        'message',
        'item',
        'recipient',
        'sender',
        'week(timestamp)',
      ),
    )
    .map((parts) => parts.join('')),
  { maxLength: 3 },
);

export const pages = fc.record(
  {
    limit: fc.integer({ min: -1, max: 8 }),
    offset: fc.integer({ min: 0, max: 8 }),
    page: fc.integer({ min: 0, max: 4 }),
  },
  { requiredKeys: [] },
);
