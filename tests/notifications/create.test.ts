import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { createNotifications, type NewNotification } from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import type { Context } from './people.ts';
import { aNotification, failureOf, inboxOf, people, theTime } from './people.ts';

const { db } = await onTestDatabase();
const unknownField: NewNotification & { nonsense: number } = { nonsense: 1 };

describe('createNotifications', () => {
  it('fills in defaults and the server’s time', async () => {
    const { admin, ids } = await people(db);

    const [row] = await createNotifications(admin, [
      { recipient: ids.alice.toUpperCase(), subject: '', timestamp: '2001-01-01' },
    ]);

    expect(row).toEqual({
      id: expect.any(Number),
      uuid: expect.stringMatching(/^[\da-f-]{36}$/),
      recipient_id: ids.alice,
      sender_id: null,
      status: 'inbox',
      read_at: null,
      timestamp: theTime.toISOString(),
      subject: '',
      subject_written: false,
      message: null,
      collection: null,
      item: null,
      template_id: null,
      targets: [],
      icon: '',
      actions: [],
      saved_at: null,
      snoozed_until: null,
      archived_at: null,
      expires_at: null,
      on_expiry: 'archive',
      original_timestamp: null,
      shown_version: null,
      state_version: null,
      created_version: 1,
      version: 1,
    });
  });

  it('returns created rows as a later read does', async () => {
    const { admin, ids } = await people(db);
    const awkward = 'a "quoted" {text}, \\ NULL\n\u{1F600}';

    const rows = await createNotifications(admin, [
      aNotification(ids.alice, { subject: awkward, message: awkward, collection: 'NULL', item: '' }),
      aNotification(ids.alice, { subject: '{}', sender: ids.bob, status: 'archived' }),
    ]);

    const stored = await db.query({
      text: 'select * from notifications where recipient_id = $1 order by id',
      values: [ids.alice],
    });
    expect(stored).toEqual(rows);
  });

  it('keeps the order of the items and takes versions without gaps in each inbox', async () => {
    const { admin, ids, published } = await people(db);
    const recipients = [ids.bob, ids.alice, ids.bob, ids.admin, ids.alice, ids.bob];

    const rows = await createNotifications(
      admin,
      recipients.map((recipient, index) =>
        aNotification(recipient, { subject: `${index}`, status: index === 2 ? 'archived' : 'inbox' }),
      ),
    );

    expect(rows.map(({ subject }) => subject)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(rows.map(({ version }) => version)).toEqual([1, 1, 2, 1, 2, 3]);
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted((a, b) => a - b));
    expect(await inboxOf(db, ids.bob)).toEqual({ version: 3, unread: 2, total: 2 });
    expect(published).toEqual([
      expect.arrayContaining([
        { recipient: ids.bob, from: 0, to: 3 },
        { recipient: ids.alice, from: 0, to: 2 },
        { recipient: ids.admin, from: 0, to: 1 },
      ]),
    ]);
  });

  it('uses the first line of the message as a missing subject', async () => {
    const { admin, ids } = await people(db);
    const long = '\u{1F600}'.repeat(300);

    const rows = await createNotifications(admin, [
      { recipient: ids.alice, message: ' First\r\nSecond' },
      { recipient: ids.alice, message: long },
    ]);

    expect(rows[0]?.subject).toBe('First');
    expect(rows[1]?.subject).toBe('\u{1F600}'.repeat(255));
    expect(rows[1]?.message).toBe(long);
  });

  it('any user may create an empty list', async () => {
    const { anonymous, alice } = await people(db);

    expect(await createNotifications(anonymous, [])).toEqual([]);
    expect(await createNotifications(alice, [])).toEqual([]);
  });

  it('creates by non-admins are refused before the items are validated', async () => {
    const { anonymous, alice } = await people(db);

    for (const context of [anonymous, alice]) {
      expect(await failureOf(createNotifications(context, [{ status: 'nonsense' }]))).toMatchObject({
        code: 'FORBIDDEN',
        reason: expect.stringContaining('create'),
      });
    }
  });

  it('reports a fault for each missing field of a create', async () => {
    const { admin } = await people(db);

    expect(await failureOf(createNotifications(admin, [{}]))).toEqual([
      { code: 'FAILED_VALIDATION', field: 'recipient', path: [], type: 'required' },
      { code: 'FAILED_VALIDATION', field: 'subject', path: [], type: 'required' },
    ]);
    expect(await failureOf(createNotifications(admin, [{ recipient: null, subject: null, message: 'x' }]))).toEqual([
      { code: 'FAILED_VALIDATION', field: 'recipient', path: [], type: 'nnull' },
      { code: 'FAILED_VALIDATION', field: 'subject', path: [], type: 'nnull' },
    ]);
  });

  it.each([
    ['another status', { status: 'read' }, { code: 'FAILED_VALIDATION', field: 'status', type: 'in' }],
    ['no status', { status: null }, { code: 'FAILED_VALIDATION', field: 'status', type: 'nnull' }],
    ['a sender that is no uuid', { sender: 'bob' }, { code: 'FAILED_VALIDATION', field: 'sender', type: 'uuid' }],
    [
      'a recipient that is no uuid',
      { recipient: '1' },
      { code: 'FAILED_VALIDATION', field: 'recipient', type: 'uuid' },
    ],
    [
      'a timestamp that is no time',
      { timestamp: 'yesterday' },
      { code: 'FAILED_VALIDATION', field: 'timestamp', type: 'date' },
    ],
    [
      'a day that does not exist',
      { timestamp: '2026-02-30T00:00:00Z' },
      { code: 'FAILED_VALIDATION', field: 'timestamp', type: 'date' },
    ],
    ['NUL characters', { subject: 'a\0b' }, { code: 'FAILED_VALIDATION', field: 'subject', type: 'string' }],
    ['half a surrogate pair', { message: 'a\uD800b' }, { code: 'FAILED_VALIDATION', field: 'message', type: 'string' }],
    [
      'a long subject',
      { subject: 'x'.repeat(256) },
      { code: 'VALUE_TOO_LONG', collection: 'directus_notifications', field: 'subject' },
    ],
    ['a long collection', { collection: 'x'.repeat(65) }, { code: 'VALUE_TOO_LONG', field: 'collection' }],
    ['a long item', { item: 'x'.repeat(256) }, { code: 'VALUE_TOO_LONG', field: 'item' }],
    ['an id that is no number', { id: 'abc' }, { code: 'FORBIDDEN' }],
    ['an id that is not whole', { id: 1.5 }, { code: 'FORBIDDEN' }],
    ['an id below 1', { id: 0 }, { code: 'VALUE_OUT_OF_RANGE', field: 'id', value: 0 }],
    ['an id beyond 2^53 - 1', { id: '9007199254740992' }, { code: 'VALUE_OUT_OF_RANGE', field: 'id' }],
    [
      'a blank first line instead of a subject',
      { subject: undefined, message: ' \nSecond' },
      { code: 'FAILED_VALIDATION', field: 'subject', type: 'required' },
    ],
    ['an unknown field', unknownField, { code: 'FAILED_VALIDATION', field: 'nonsense', type: 'unknown' }],
  ])('refuses a create with %s', async (_title, faulty, expected) => {
    const { admin, ids } = await people(db);

    const failure = await failureOf(createNotifications(admin, [aNotification(ids.alice, faulty)]));

    expect(failure).toMatchObject(expected);
    expect(await inboxOf(db, ids.alice)).toBeNull();
  });

  it('counts characters like PostgreSQL', async () => {
    const { admin, ids } = await people(db);

    const [row] = await createNotifications(admin, [aNotification(ids.alice, { subject: '\u{1F600}'.repeat(255) })]);

    expect([...(row?.subject ?? '')]).toHaveLength(255);
  });

  it('refuses a create with an unknown recipient or sender by name and stores nothing', async () => {
    const { admin, ids, published } = await people(db);
    const nobody = uuid();

    for (const [field, faulty] of [
      ['recipient', aNotification(nobody)],
      ['sender', aNotification(ids.alice, { sender: nobody })],
    ] as const) {
      for (const items of [[faulty], [aNotification(ids.bob), faulty, aNotification(ids.alice)]]) {
        expect(await failureOf(createNotifications(admin, items))).toEqual({
          code: 'INVALID_FOREIGN_KEY',
          collection: 'directus_notifications',
          field,
          value: nobody,
        });
      }
    }
    expect(await inboxOf(db, ids.bob)).toBeNull();
    expect(published).toEqual([]);
  });

  it('refuses a create with too many items', async () => {
    const { admin, ids } = await people(db);
    const limited: Context = { ...admin, limits: { ...admin.limits, batchMax: 2 } };
    const items = [1, 2, 3].map(() => aNotification(ids.alice));

    expect(await failureOf(createNotifications(limited, items))).toMatchObject({ code: 'INVALID_PAYLOAD' });
    expect(await createNotifications(limited, items.slice(1))).toHaveLength(2);
  });
});
