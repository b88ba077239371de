import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { schema } from '../../src/schema/schema.ts';
import { createWorld, type World } from '../rights/callers.ts';
import { mutationRows } from '../rights/mutation-rows.ts';
import { send } from '../support/client.ts';

const fields = schema.getMutationType()?.getFields() ?? {};
const takesKey = (name: string) => !('takesNoKey' in (fields[name]?.extensions ?? {}));
/** Their rows have invalid input. */
const invalid: ReadonlySet<string> = new Set([
  'unsubscribe_notifications',
  'undo_unsubscribe',
  'update_notification_template_method',
]);
const rows = Object.entries(mutationRows).filter(([name]) => name in fields && takesKey(name) && !invalid.has(name));

describe('the mutations that take an idempotency key', () => {
  let world: World;
  beforeAll(async () => {
    // With a single connection, a mutation that used another one beside its transaction would wait for it in vain.
    world = await createWorld({ DATABASE_POOL_SIZE: '1', DATABASE_TIMEOUT_MS: '30000' });
  }, 120_000);
  afterAll(() => world?.stop());

  it.each(rows)('%s happens in one transaction, and its repetition gets the same answer', async (_name, row) => {
    const admin = world.callers.find(({ name }) => name === 'admin');
    if (admin?.token === undefined) throw new Error('nobody is "admin"');
    const operation = await row.request(world, admin);
    const given = typeof operation === 'string' ? { query: operation } : operation;
    const body = { ...given, extensions: { idempotencyKey: randomUUID() } };
    const run = () => send(world.app, '/graphql/system', { as: { id: admin.id, token: admin.token ?? '' }, body });

    const first = await run();
    const second = await run();

    expect(first.body.errors).toBeUndefined();
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  });
});
