import { people, type Row } from './people.ts';

/** Result for a row: null is SQL's "unknown", undefined a condition that restricts nothing. */
type Truth = boolean | null | undefined;

/** Evaluates a filter in memory, from the specification alone. `isVisible` decides which related rows are visible. */
export function passes(filter: unknown, row: Row, isVisible: (person: string) => boolean): boolean {
  const truth = onFields(filter, { ...row }, isVisible);
  return truth === undefined || truth === true;
}

type Fields = Readonly<Record<string, unknown>>;
type IsVisible = (person: string) => boolean;

const functions: Readonly<Record<string, (date: Date) => number>> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth() + 1,
  week: isoWeek,
  day: (date) => date.getUTCDate(),
  weekday: (date) => date.getUTCDay(),
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
  second: (date) => date.getUTCSeconds(),
};

function isoWeek(date: Date): number {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  return Math.ceil(((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
}

function onFields(filter: unknown, fields: Fields, isVisible: IsVisible): Truth {
  return and(
    Object.entries(filter as Fields).map(([key, value]) => {
      if (key === '_and' || key === '_or') return group(key, value, (one) => onFields(one, fields, isVisible));
      const call = /^(\w+)\((\w+)\)$/.exec(key);
      if (call) return onValue(applied(call[1], fields[call[2] ?? '']), value);
      if (key === 'timestamp_func') {
        return and(
          Object.entries(value as Fields).map(([name, one]) => onValue(applied(name, fields['timestamp']), one)),
        );
      }
      if (key === 'recipient' || key === 'sender') return onPerson(fields[key] as string | null, value, isVisible);
      return onValue(fields[key] as string | number | null, value);
    }),
  );
}

function onPerson(key: string | null, value: unknown, isVisible: IsVisible): Truth {
  if (typeof value !== 'object' || value === null) return onValue(key, value);
  const person = people.find(({ id }) => id === key && isVisible(id));
  return and(
    Object.entries(value).map(([name, one]) => {
      if (name === '_and' || name === '_or') return group(name, one, (each) => onPerson(key, each, isVisible));
      if (name.startsWith('_')) return onValue(key, { [name]: one });
      if (name === 'id') return onValue(key, one);
      return onFields({ [name]: one }, person ?? { email: null, first_name: null, role: null }, isVisible);
    }),
  );
}

function applied(name: string | undefined, time: unknown): number | null {
  const compute = functions[name ?? ''];
  if (!compute) throw new Error(`no function ${name}`);
  return typeof time === 'string' ? compute(new Date(time)) : null;
}

function group(key: '_and' | '_or', members: unknown, decide: (member: unknown) => Truth): Truth {
  const list = Object.values(members as object).filter((member) => member !== null);
  if (key === '_and') return and(list.map(decide));
  const isDisabled = list.some((member) => typeof member === 'object' && Object.keys(member).length === 0);
  return isDisabled ? undefined : or(list.map(decide));
}

function and(truths: readonly Truth[]): Truth {
  const known = truths.filter((truth) => truth !== undefined);
  if (known.length === 0) return undefined;
  if (known.includes(false)) return false;
  return known.includes(null) ? null : true;
}

function or(truths: readonly Truth[]): Truth {
  const known = truths.filter((truth) => truth !== undefined);
  if (known.length === 0) return undefined;
  if (known.includes(true)) return true;
  return known.includes(null) ? null : false;
}

function not(truth: Truth): Truth {
  return typeof truth === 'boolean' ? !truth : truth;
}

type Stored = string | number | null;

function onValue(stored: Stored, condition: unknown): Truth {
  if (typeof condition !== 'object' || condition === null) return operator(stored, '_eq', condition);
  return and(
    Object.entries(condition).map(([name, value]) =>
      name === '_and' || name === '_or'
        ? group(name, value, (each) => onValue(stored, each))
        : operator(stored, name, value),
    ),
  );
}

function operator(stored: Stored, name: string, given: unknown): Truth {
  const value = given === 'null' ? null : given;
  switch (name) {
    case '_null':
      return (stored === null) === (value === true);
    case '_nnull':
      return (stored !== null) === (value === true);
    case '_empty':
      return (stored === null || stored === '') === (value === true);
    case '_nempty':
      return (stored !== null && stored !== '') === (value === true);
    case '_eq':
      return value === null ? stored === null : equals(stored, value);
    case '_neq':
      return value === null ? stored !== null : not(equals(stored, value));
    case '_in':
      return isIn(stored, value);
    case '_nin':
      return not(isIn(stored, value));
    case '_between':
      return isBetween(stored, value);
    case '_nbetween':
      return not(isBetween(stored, value));
  }
  if (value === null) return undefined;
  if (name === '_lt') return compared(stored, value, (order) => order < 0);
  if (name === '_lte') return compared(stored, value, (order) => order <= 0);
  if (name === '_gt') return compared(stored, value, (order) => order > 0);
  if (name === '_gte') return compared(stored, value, (order) => order >= 0);
  return matches(stored, name, String(value));
}

function compared(stored: Stored, value: unknown, decide: (order: number) => boolean): Truth {
  if (stored === null) return null;
  const order =
    typeof stored === 'number' ? stored - Number(value) : new Date(stored).getTime() - new Date(`${value}`).getTime();
  return decide(order);
}

function equals(stored: Stored, value: unknown): Truth {
  if (stored === null) return null;
  if (typeof stored === 'number') return stored === Number(value);
  return stored === String(value);
}

function list(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return value.split(',');
  return Object.values(value as object).map((one) => (one === 'null' ? null : one));
}

function isIn(stored: Stored, value: unknown): Truth {
  return or(list(value).map((member) => (member === null ? null : equals(stored, member))));
}

function isBetween(stored: Stored, value: unknown): Truth {
  const ends = list(value);
  if (ends.length !== 2) return undefined;
  return and([compared(stored, ends[0], (order) => order >= 0), compared(stored, ends[1], (order) => order <= 0)]);
}

function matches(stored: Stored, name: string, value: string): Truth {
  const [, negated, ignoresCase, how] = /^_(n?)(i?)(contains|starts_with|ends_with)$/.exec(name) ?? [];
  if (how === undefined) throw new Error(`no operator ${name}`);
  if (stored === null) return null;
  const [text, part] = ignoresCase ? [String(stored).toLowerCase(), value.toLowerCase()] : [String(stored), value];
  const found = { contains: text.includes(part), starts_with: text.startsWith(part), ends_with: text.endsWith(part) }[
    how
  ];
  return negated ? !found : (found ?? null);
}
