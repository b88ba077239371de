import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../src/database/client.ts';
import { isTransientFault, isUniqueFault } from '../../src/database/faults.ts';
import { inTransaction } from '../../src/database/in-transaction.ts';
import { defineMethods, extendPrisma } from '../../src/database/prisma.ts';
import { method, statement } from '../../src/database/statement.ts';
import { onTestDatabase } from '../support/database.ts';

const { db, url } = await onTestDatabase();

const typed = statement<{ readonly big: number; readonly at: string; readonly isolation: string }>()({
  name: 'test_typed',
  text: `select $1::bigint as big, $2::timestamptz as at, current_setting('transaction_isolation') as isolation`,
  values: (big: number, at: Date) => [big, at.toISOString()],
});
const firstName = statement<{ readonly first_name: string | null }>()({
  name: 'test_first_name',
  text: 'select first_name from users where id = $1::uuid',
  values: (id: string) => [id],
});
const insert = statement()({
  name: 'test_insert',
  text: 'insert into users (id, first_name) values ($1::uuid, $2)',
  values: (id: string, name: string) => [id, name],
});
const fail = statement()({ name: 'test_fail', text: 'select 1 / $1::int', values: (by: number) => [by] });
const raise = statement()({
  name: 'test_raise',
  text: `do $$ begin raise sqlstate '40001'; end $$`,
  values: () => [],
});

const userMethods = defineMethods('test users', {
  user: { typed: method(typed), firstNameOf: method(firstName), insertNamed: method(insert), fail: method(fail) },
});
const inboxMethods = defineMethods('test inboxes', { inbox: { raise: method(raise) } });
const prisma = extendPrisma(db.base, [userMethods, inboxMethods]);

let made = 0;
function anId(): string {
  made += 1;
  return `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
}

describe('a method of a statement', () => {
  it('a statement method returns the same values alone and in both kinds of transaction', async () => {
    const at = new Date('2024-02-03T04:05:06.789Z');
    const expected = [{ big: 2 ** 52, at: at.toISOString(), isolation: 'read committed' }];

    expect(await prisma.user.typed(2 ** 52, at)).toEqual(expected);
    expect(await prisma.$transaction((transaction) => transaction.user.typed(2 ** 52, at))).toEqual(expected);
    expect(await prisma.$statements((transaction) => transaction.user.typed(2 ** 52, at))).toEqual(expected);
  });

  it('a statement method runs on the connection of its transaction', async () => {
    const id = anId();
    const seen = await prisma.$transaction(async (transaction) => {
      await transaction.user.create({ data: { id, first_name: 'Ada' } });
      const inside = await transaction.user.firstNameOf(id);
      return { inside, outside: await prisma.user.firstNameOf(id) };
    });

    expect(seen).toEqual({ inside: [{ first_name: 'Ada' }], outside: [] });
  });

  it('a write by a statement method is visible to Prisma in the transaction and rolled back with it', async () => {
    const id = anId();
    const work = prisma.$transaction(async (transaction) => {
      await transaction.user.insertNamed(id, 'Grace');
      const seen = await transaction.user.findUnique({ where: { id }, select: { first_name: true } });
      expect(seen).toEqual({ first_name: 'Grace' });
      throw new Error('changed my mind');
    });

    await expect(work).rejects.toThrow('changed my mind');
    expect(await prisma.user.findUnique({ where: { id } })).toBeNull();
  });

  it('concurrent transactions use separate connections', async () => {
    const ids = Array.from({ length: 12 }, anId);
    const names = await Promise.all(
      ids.map((id, index) =>
        prisma.$transaction(async (transaction) => {
          await transaction.user.insertNamed(id, `Number ${index}`);
          return (await transaction.user.firstNameOf(id))[0]?.first_name;
        }),
      ),
    );

    expect(names).toEqual(ids.map((_, index) => `Number ${index}`));
  });

  it('a statement method of a finished transaction is refused', async () => {
    let kept: (() => Promise<unknown>) | undefined;
    await prisma.$transaction(async (transaction) => {
      await transaction.user.typed(1, new Date());
      kept = () => transaction.user.typed(1, new Date());
    });

    await expect(kept?.()).rejects.toThrow('over');
  });

  it('statement methods are prepared by name, and queries of Prisma are not', async () => {
    const single = await openDatabase({ url, poolSize: 1 });
    const alone = extendPrisma(single.base, [userMethods]);
    await alone.user.findMany({ take: 1 });
    await alone.$transaction((transaction) => transaction.user.typed(1, new Date()));

    const prepared = await single.query({ text: 'select name from pg_prepared_statements', values: [] });

    expect(prepared).toEqual([{ name: 'test_typed' }]);
    await single.close();
  });

  it('two folders cannot add methods of the same name', () => {
    expect(() => extendPrisma(db.base, [userMethods, userMethods])).toThrow('Two folders add user.typed.');
  });
});

describe('a statement that fails in a transaction', () => {
  it.each([
    ['a hand-written statement', (id: string) => prisma.user.insertNamed(id, 'again')],
    ['a query of Prisma', (id: string) => prisma.user.create({ data: { id } })],
  ])('a unique violation is recognised in %s', async (_what, write) => {
    const id = anId();
    await write(id);

    const error: unknown = await Promise.resolve(write(id)).catch((caught: unknown) => caught);

    expect(isUniqueFault(error, 'users_pkey')).toBe(true);
    expect(isUniqueFault(error, 'users_email_key')).toBe(false);
  });

  it.each(['hand-written', 'of Prisma', 'raw'])('a transaction with a caught error rolls back: %s', async (kind) => {
    const id = anId();
    const work = prisma.$transaction(async (transaction) => {
      await transaction.user.create({ data: { id } });
      if (kind === 'hand-written') await transaction.user.fail(0).catch(() => undefined);
      if (kind === 'of Prisma') await transaction.user.create({ data: { id } }).catch(() => undefined);
      if (kind === 'raw') await transaction.$executeRaw`select 1 / 0`.catch(() => undefined);
    });

    await expect(work).rejects.toThrow('rolled back');
    expect(await prisma.user.findUnique({ where: { id } })).toBeNull();
  });

  it('a transaction of statements with a caught error rolls back', async () => {
    const id = anId();
    const work = prisma.$statements(async (transaction) => {
      await transaction.user.insertNamed(id, 'Ada');
      await transaction.user.fail(0).catch(() => undefined);
    });

    await expect(work).rejects.toThrow('rolled back');
    expect(await prisma.user.findUnique({ where: { id } })).toBeNull();
  });
});

describe('inTransaction', () => {
  it.each(['statement', 'Prisma'])('work is retried once after a serialisation failure of a %s', async (kind) => {
    let tries = 0;
    const work = inTransaction(prisma, async (transaction) => {
      tries += 1;
      if (kind === 'statement') await transaction.inbox.raise();
      else await transaction.$executeRawUnsafe(`do $$ begin raise sqlstate '40001'; end $$`);
    });

    expect(isTransientFault(await work.catch((error: unknown) => error))).toBe(true);
    expect(tries).toBe(2);
  });

  it('work is not retried after another error', async () => {
    let tries = 0;
    const work = inTransaction(prisma, async (transaction) => {
      tries += 1;
      await transaction.user.fail(0);
    });

    await expect(work).rejects.toMatchObject({ code: '22012' });
    expect(tries).toBe(1);
  });
});

describe('the timeout of a transaction', () => {
  let busy: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    busy = await openDatabase({ url, poolSize: 1, timeoutMs: 200 });
  });
  afterAll(() => busy.close());

  it('a transaction waits no longer for a connection than a statement does', async () => {
    const single = extendPrisma(busy.base, [userMethods]);
    let end: () => void = () => undefined;
    const held = single.$transaction(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );

    await expect(single.$transaction(async () => undefined)).rejects.toThrow('timeout exceeded when trying to connect');
    end();
    await held.catch(() => undefined);
  });
});
