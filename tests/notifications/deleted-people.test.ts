import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewNotification } from '../../src/notifications/write.ts';
import { createNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { aStage, type Stage } from '../dispatch/stage.ts';
import { deletionOf, duringOpenTransaction, renewalOf } from '../support/locks.ts';
import { aNotification, failureOf, inboxOf } from './people.ts';

// Mail is configured, because the deliveries of mails also reference the recipient.
let stage: Stage;
beforeAll(async () => {
  stage = await aStage({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });
});
afterAll(() => stage.close());

const create = (...items: NewNotification[]) => createNotifications(stage.admin, items);
const silently = (...items: NewNotification[]) =>
  createNotifications({ ...stage.admin, dispatch: { ...stage.admin.dispatch, mailOnCreate: undefined } }, items);

/** Number of rows that a create writes. */
async function stored() {
  const [counts] = await stage.db.query({
    text: `select (select count(*) from deliveries) as deliveries, (select count(*) from notifications) as notifications,
                  (select sum(version) from inboxes) as versions`,
    values: [],
  });
  return counts;
}

describe.each([
  ['one notification', 1],
  ['several notifications', 2],
])('creating %s for a user who is deleted meanwhile', (_name, count) => {
  const many = (recipient: string, more?: NewNotification) =>
    Array.from({ length: count }, () => aNotification(recipient, more));

  it.each([
    ['with mail', create],
    ['without mail', silently],
  ])(
    'a create during the delete of its recipient names the recipient and stores nothing (%s)',
    async (_kind, write) => {
      const { id } = await stage.aRecipient();
      const before = await stored();

      const failure = await failureOf(duringOpenTransaction(stage.db, deletionOf(id), () => write(...many(id))));

      expect(failure).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field: 'recipient', value: id });
      expect(await stored()).toEqual(before);
    },
  );

  it('a create during the delete of a recipient with an inbox names the recipient', async () => {
    const { id } = await stage.aRecipient();
    await create(aNotification(id));

    const failure = await failureOf(duringOpenTransaction(stage.db, deletionOf(id), () => create(...many(id))));

    expect(failure).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field: 'recipient', value: id });
    expect(await inboxOf(stage.db, id)).toBeNull();
  });

  it('a create during the delete of its sender names the sender', async () => {
    const sender = await stage.aRecipient();
    const before = await stored();

    const failure = await failureOf(
      duringOpenTransaction(stage.db, deletionOf(sender.id), () =>
        create(...many(stage.bobby.id, { sender: sender.id })),
      ),
    );

    expect(failure).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field: 'sender', value: sender.id });
    expect(await stored()).toEqual(before);
  });

  it('a create reaches a recipient deleted and created again with the same id', async () => {
    const { id } = await stage.aRecipient();

    const rows = await duringOpenTransaction(stage.db, renewalOf(id), () => create(...many(id)));

    expect(rows).toHaveLength(count);
    expect(await inboxOf(stage.db, id)).toMatchObject({ unread: count, total: count });
  });
});

describe('an update to a user who is deleted meanwhile', () => {
  it.each(['recipient', 'sender'] as const)('an update during the delete of a user names the %s', async (field) => {
    const { id } = await stage.aRecipient();
    const [row] = await create(aNotification(stage.bobby.id));

    const failure = await failureOf(
      duringOpenTransaction(stage.db, deletionOf(id), () =>
        updateNotifications(stage.admin, [row?.id ?? 0], { [field]: id }),
      ),
    );

    expect(failure).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field, value: id });
  });
});
