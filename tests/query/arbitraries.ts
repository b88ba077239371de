import fc from 'fast-check';
import { alice, bob, carol, type Row } from './people.ts';

// Few letters, so that random texts contain each other; among them all that LIKE, CSV and collations care for.
const letters = ['a', 'A', 'b', 'B', 'é', 'É', '%', '_', '\\', ' ', '\uffee', '😀'];
const shortText = fc.string({ unit: fc.constantFrom(...letters), maxLength: 4 });
const term = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 2 });
const person = fc.constantFrom(alice, bob, carol);

/** Points in time around the turns of years, weeks and hours. */
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
const listOf = <Value>(value: fc.Arbitrary<Value>) => {
  const several = fc.array(orNull(value), { minLength: 1, maxLength: 3 });
  // Also the object that a query string with indexes is read as.
  return fc.oneof(
    several,
    several.map((members) => ({ ...members })),
  );
};
const ends = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.array(value, { minLength: 2, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(value, { minLength: 1, maxLength: 3 }) },
  );

/** An object with one or two of these members; some of them null where that means something. */
function some(members: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  return fc
    .subarray(Object.keys(members), { minLength: 1, maxLength: 2 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, members[name] ?? fc.constant(null)]))));
}

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
    ['contains', 'ncontains', 'icontains', 'starts_with', 'nstarts_with', 'istarts_with', 'nistarts_with', 'ends_with']
      .concat('nends_with', 'iends_with', 'niends_with')
      .map((name) => [`_${name}`, term]),
  ),
});

/** The operators, some of them in groups below the field. */
const grouped = (operators: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 4, arbitrary: operators }, { weight: 1, arbitrary: groups(operators) });

function groups(member: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const empty = fc.constantFrom({}, null);
  const members = fc.array(fc.oneof({ weight: 9, arbitrary: member }, { weight: 1, arbitrary: empty }), {
    maxLength: 3,
  });
  return some({ _and: members, _or: members });
}

const text = grouped(onText);
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
const onPerson = fc.oneof(
  orNull(person),
  onKey,
  some({ id: onKey, email: text, first_name: text, role: fc.constantFrom('admin', 'member'), _nnull: flag }),
  groups(some({ id: onKey, first_name: text, _eq: orNull(person) })),
);

/** Filters on notifications in every spelling, only such as are understood. */
export const filters: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  filter: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie('fields'), groups(tie('filter')), mixed(tie('filter'))),
  fields: some({
    id: fc.oneof(number, grouped(onNumber)),
    timestamp: grouped(onTime),
    timestamp_func: onFunctions,
    'year(timestamp)': fc.oneof(orNull(fc.constantFrom(2024, 2025)), onNumber),
    'week(timestamp)': onNumber,
    status: text,
    recipient: onPerson,
    sender: onPerson,
    subject: fc.oneof(term, text),
    message: fc.oneof(orNull(term), text),
    collection: text,
    item: text,
  }),
})).filter;

/** A field beside groups. */
function mixed(filter: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(groups(filter), onText).map(([members, subject]) => ({ ...(members as object), subject }));
}

/** What to sort by, with the primary key left to the end. */
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
