import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { createUsers } from '../../src/users/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { statementsOf } from '../support/statements.ts';
import { people } from './people.ts';

const { db } = await onTestDatabase();
const { admin, ids } = await people(db);
const lookUp = 'users_by_keys';
const namesOf = async (work: () => Promise<unknown>) =>
  (await statementsOf(db, work)).ran.map(({ name }) => name).filter((name) => name === lookUp);

describe('users who are named in a write', () => {
  it('cost no statement if they are uuids of users', async () => {
    const create = () => createNotifications(admin, [{ recipient: ids.alice, sender: ids.bob, subject: 'x' }]);

    expect(await namesOf(create)).toEqual([]);
  });

  it('cost one statement however many are named', async () => {
    await createUsers(admin, [{ external_id: 'n-1' }, { external_id: 'n-2' }, { username: 'n-3' }]);
    const items = ['n-1', 'n-2', 'N-3', ids.alice].map((recipient) => ({ recipient, subject: 'x' }));

    expect(await namesOf(() => createNotifications(admin, items))).toEqual([lookUp]);
  });

  it('are found by an external id that is a uuid', async () => {
    const external_id = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const [id] = await createUsers(admin, [{ external_id }]);

    const [row] = await createNotifications(admin, [{ recipient: external_id, subject: 'x' }]);

    expect(row?.recipient_id).toBe(id);
  });
});
