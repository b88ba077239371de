import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, jest } from '@jest/globals';
import { migrate } from '../../src/database/migrate.ts';
import { migrationsFolder, readMigrations } from '../../src/database/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { asAdmin } from '../support/server.ts';

const log = { info: jest.fn() };
const scratch = await mkdtemp(join(tmpdir(), 'tidings-migrations-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The migrations before this one. */
async function migrationsBefore(name: string): Promise<string> {
  const folder = join(scratch, name);
  await cp(migrationsFolder, folder, { recursive: true });
  const { migrationDirectories } = await readMigrations();
  const later = migrationDirectories.map(({ path }) => path).filter((path) => path >= name);
  await Promise.all(later.map((path) => rm(join(folder, path), { recursive: true })));
  return folder;
}

it('carries what is to be sent into the queue, with its lease and its next try, and nothing that is settled', async () => {
  const database = await createDatabase('template template0');
  try {
    await migrate(database.url, { log, folder: await migrationsBefore('20261128170000_queue_apart') });
    const { deliveries, queued } = await asAdmin(database.url, async (client) => {
      await client.query(`
        insert into users (id, email) values (gen_random_uuid(), 'bobby@example.com');
        insert into deliveries (id, user_id, method, status, status_reason, own_payload, created_by, created_at, lease_id,
                                leased_until, next_retry_after)
        select ('0193e5a0-0000-7000-8000-00000000000' || place)::uuid, users.id, 'smtp', known.status, reason, '{}', 'Ada',
               '2026-11-01Z', case when known.status = 'leased' then '11111111-1111-4111-8111-111111111111'::uuid end,
               case when known.status = 'leased' then '2026-11-01 01:00Z'::timestamptz end, retry::timestamptz
        from users, (values (1, 'pending', null, null), (2, 'leased', 'leased by a node', null),
                            (3, 'temporary_failure', 'no answer', '2026-11-01 02:00Z'), (4, 'sent', null, null),
                            (5, 'leased', 'leased by a node', '2026-11-01 02:00Z')) as known (place, status, reason, retry)`);
      await migrate(database.url, { log });
      const { rows: queued } = await client.query(
        `select right(delivery_id::text, 1) as place, method, status, to_char(due_at at time zone 'UTC', 'HH24') as due,
                leased_by, lease_id is not null as "isLeased", to_char(leased_until at time zone 'UTC', 'HH24') as until
         from queued_deliveries order by 1`,
      );
      const { rows: deliveries } = await client.query(
        `select right(id::text, 1) as place, status, status_reason as reason from deliveries order by 1`,
      );
      return { deliveries, queued };
    });

    const free = { method: 'smtp', leased_by: null, isLeased: false, until: null };
    const held = { method: 'smtp', status: 'leased', leased_by: 'a node', isLeased: true, until: '01' };
    expect(queued).toEqual([
      { place: '1', status: 'pending', due: '00', ...free },
      { place: '2', due: '00', ...held },
      { place: '3', status: 'temporary_failure', due: '02', ...free },
      { place: '5', due: '02', ...held },
    ]);
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
