import { expect, it, jest } from '@jest/globals';
import { migrate } from '../../src/database/migrate.ts';
import { createDatabase } from '../support/database.ts';
import { migrationsBefore } from '../support/migrations.ts';
import { asAdmin } from '../support/server.ts';

const lease = '11111111-1111-4111-8111-111111111111';
const log = { info: jest.fn() };

it('the migration queue_apart moves waiting deliveries into the queue with their due time, and leased ones into leases', async () => {
  const database = await createDatabase('template template0');
  try {
    await migrate(database.url, { log, folder: await migrationsBefore('20261128170000_queue_apart') });
    const { deliveries, queued, leases } = await asAdmin(database.url, async (client) => {
      await client.query(`
        insert into users (id, email) values (gen_random_uuid(), 'bobby@example.com');
        insert into deliveries (id, user_id, method, status, status_reason, own_payload, created_by, created_at, lease_id,
                                leased_until, next_retry_after)
        select ('0193e5a0-0000-7000-8000-00000000000' || place)::uuid, users.id, 'smtp', known.status, reason, '{}', 'Ada',
               '2026-11-01Z', case when known.status = 'leased' then '${lease}'::uuid end,
               case when known.status = 'leased' then now() + interval '1 hour' end, retry::timestamptz
        from users, (values (1, 'pending', null, null), (2, 'leased', 'leased by a node', null),
                            (3, 'temporary_failure', 'no answer', '2026-11-01 02:00Z'), (4, 'sent', null, null),
                            (5, 'leased', 'leased by a node', '2026-11-01 02:00Z')) as known (place, status, reason, retry)`);
      await migrate(database.url, { log });
      const { rows: queued } = await client.query(
        `select right(delivery_id::text, 1) as place, method, status, to_char(due_at at time zone 'UTC', 'HH24') as due
         from queued_deliveries order by 1`,
      );
      const { rows: leases } = await client.query(
        `select id, method, leased_by, leased_until <= now() as is_over,
                array(select right(leased::text, 1) from unnest(delivery_ids) leased order by 1) as places
         from delivery_leases`,
      );
      const { rows: deliveries } = await client.query(
        `select right(id::text, 1) as place, status, status_reason as reason from deliveries order by 1`,
      );
      return { deliveries, queued, leases };
    });

    expect(queued).toEqual([
      { place: '1', method: 'smtp', status: 'pending', due: '00' },
      { place: '3', method: 'smtp', status: 'temporary_failure', due: '02' },
    ]);
    expect(leases).toEqual([{ id: lease, method: 'smtp', leased_by: 'a node', is_over: true, places: ['2', '5'] }]);
    expect(deliveries).toEqual([
      { place: '1', status: 'pending', reason: null },
      { place: '2', status: 'pending', reason: null },
      { place: '3', status: 'temporary_failure', reason: 'no answer' },
      { place: '4', status: 'sent', reason: null },
      { place: '5', status: 'temporary_failure', reason: null },
    ]);
  } finally {
    await database.drop();
  }
});

it('the migrations from message_age on keep the expiry of leases', async () => {
  const database = await createDatabase('template template0');
  try {
    await migrate(database.url, { log, folder: await migrationsBefore('20261129230000_message_age') });

    const leases = await asAdmin(database.url, async (client) => {
      await client.query(`
        insert into delivery_leases (id, method, leased_by, leased_until, delivery_ids)
        values ('${lease}', 'smtp', 'a node', now() + interval '1 hour', '{}')`);
      await migrate(database.url, { log });
      return (await client.query('select leased_until > now() as is_held from delivery_leases')).rows;
    });

    expect(leases).toEqual([{ is_held: true }]);
  } finally {
    await database.drop();
  }
});
