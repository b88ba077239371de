import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ServiceError, ServiceErrors } from '../../src/errors.ts';
import { checkChange, checkNew, type NewNotification } from '../../src/notifications/input.ts';

const alice = '0a11ce00-0000-4000-8000-000000000001';
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('a\0b', '\ud800', 'x'.repeat(64), 'x'.repeat(256), '\u{1F600}'.repeat(255), '', ' \nline', ' a\r\nb'),
);
const people = fc.constantFrom(alice, alice.toUpperCase(), 'bob', '');
const orAbsent = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constantFrom(null, undefined) });

/** In the order in which faults are reported. */
const fields = {
  id: orAbsent(fc.constantFrom(0, 1, '1', '1.0', 'abc', '9007199254740992', 1.5)),
  timestamp: orAbsent(fc.constantFrom('2001-01-01', '2026-02-30', 'yesterday', '2026-01-01T00:00:00+01:00')),
  message: orAbsent(texts),
  recipient: orAbsent(people),
  sender: orAbsent(people),
  status: orAbsent(fc.constantFrom('inbox', 'archived', 'read')),
  subject: orAbsent(texts),
  collection: orAbsent(texts),
  item: orAbsent(texts),
};
const notifications = fc.record(fields, { requiredKeys: [] });

function faultsOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ServiceErrors) return error.errors.map(({ message }) => message);
    if (error instanceof ServiceError) return [error.message];
    throw error;
  }
}

describe('a random new notification', () => {
  it('a random notification has the faults of each of its fields alone, in field order', () => {
    fc.assert(
      fc.property(notifications, (item: NewNotification) => {
        // The default of the subject depends on another field.
        const given: NewNotification = { recipient: undefined, ...item, subject: item.subject ?? null };
        const alone = Object.keys(fields)
          .filter((field) => Object.hasOwn(given, field))
          .flatMap((field) => {
            const value: unknown = Reflect.get(given, field);
            return faultsOf(() => checkNew({ recipient: alice, subject: 'Hi', [field]: value }));
          });

        expect(faultsOf(() => checkNew(given))).toEqual(alone);
      }),
    );
  });

  it('validating a validated notification changes nothing', () => {
    fc.assert(
      fc.property(notifications, people, (item: NewNotification, recipient) => {
        fc.pre(faultsOf(() => checkNew({ ...item, recipient })).length === 0);
        const checked = checkNew({ ...item, recipient });

        expect(checkNew(checked)).toEqual(checked);
      }),
    );
  });

  it('a subject taken from an invalid message adds no fault', () => {
    expect(faultsOf(() => checkNew({ recipient: alice, message: 'a\0b' }))).toEqual([
      'Validation failed for the field "message": contains NUL or an unpaired surrogate.',
    ]);
  });

  it('unknown fields are refused before other faults', () => {
    expect(
      faultsOf(() => checkNew(Object.assign({ recipient: alice, status: 'x', subject: 'Hi' }, { nonsense: 1 }))),
    ).toEqual([
      'Validation failed for the field "nonsense": "directus_notifications" has no such field.',
      'Validation failed for the field "status": must be one of inbox, archived.',
    ]);
  });
});

describe('a random change', () => {
  it('a validated change has the given fields except the id', () => {
    fc.assert(
      fc.property(notifications, (change: NewNotification) => {
        fc.pre(faultsOf(() => checkChange(change)).length === 0);
        const given = Object.entries(change).filter(([field, value]) => field !== 'id' && value !== undefined);

        expect(Object.keys(checkChange(change)).sort()).toEqual(given.map(([field]) => field).sort());
      }),
    );
  });
});
