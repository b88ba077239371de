import { describe, expect, it } from '@jest/globals';
import { announceRevocation, onRevocation } from '../../src/auth/revocations.ts';
import { isUniqueFault } from '../../src/database/faults.ts';
import { defineMethods, extendPrisma } from '../../src/database/prisma.ts';
import { method, statement } from '../../src/database/statement.ts';
import { inUnitOfWork } from '../../src/database/unit-of-work.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase();

const insert = statement()({
  name: 'test_insert',
  text: 'insert into users (id, first_name) values ($1::uuid, $2)',
  values: (id: string, name: string) => [id, name],
});
const prisma = extendPrisma(db.base, [defineMethods('test users', { user: { insertNamed: method(insert) } })]);

let made = 0;
function anId(): string {
  made += 1;
  return `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
}
const exists = async (id: string) => (await prisma.user.count({ where: { id } })) === 1;

describe('a unit of work', () => {
  it('its statements and transactions are visible to others only after its end', async () => {
    const [plain, statementOf, inTransaction, inStatements] = [anId(), anId(), anId(), anId()];

    const seen = await inUnitOfWork(prisma, async (unit) => {
      await unit.prisma.user.create({ data: { id: plain } });
      await unit.prisma.user.insertNamed(statementOf, 'Ada');
      await unit.prisma.$transaction((transaction) => transaction.user.create({ data: { id: inTransaction } }));
      await unit.prisma.$statements((transaction) => transaction.user.insertNamed(inStatements, 'Grace'));
      const ids = [plain, statementOf, inTransaction, inStatements];
      return {
        inside: await unit.prisma.user.count({ where: { id: { in: ids } } }),
        outside: await prisma.user.count({ where: { id: { in: ids } } }),
      };
    });

    expect(seen).toEqual({ inside: 4, outside: 0 });
    expect(await exists(inStatements)).toBe(true);
  });

  it('everything is rolled back when the work throws', async () => {
    const [one, other] = [anId(), anId()];

    const work = inUnitOfWork(prisma, async (unit) => {
      await unit.prisma.user.insertNamed(one, 'Ada');
      await unit.prisma.$transaction((transaction) => transaction.user.create({ data: { id: other } }));
      throw new Error('changed my mind');
    });

    await expect(work).rejects.toThrow('changed my mind');
    expect([await exists(one), await exists(other)]).toEqual([false, false]);
  });

  it('a statement that fails is rolled back alone, and its error can be handled', async () => {
    const id = anId();

    const isTaken = await inUnitOfWork(prisma, async (unit) => {
      await unit.prisma.user.insertNamed(id, 'Ada');
      const error: unknown = await unit.prisma.user.insertNamed(id, 'again').catch((caught: unknown) => caught);
      expect(await unit.prisma.user.count({ where: { id } })).toBe(1);
      return isUniqueFault(error, 'users_pkey');
    });

    expect(isTaken).toBe(true);
    expect(await exists(id)).toBe(true);
  });

  it('a transaction that fails inside is rolled back alone', async () => {
    const [before, inside, after] = [anId(), anId(), anId()];

    await inUnitOfWork(prisma, async (unit) => {
      await unit.prisma.user.insertNamed(before, 'Ada');
      const failing = unit.prisma.$transaction(async (transaction) => {
        await transaction.user.create({ data: { id: inside } });
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      await unit.prisma.user.insertNamed(after, 'Grace');
    });

    expect([await exists(before), await exists(inside), await exists(after)]).toEqual([true, false, true]);
  });

  it('a transaction inside with a caught error rolls back, as one outside does', async () => {
    const id = anId();

    await inUnitOfWork(prisma, async (unit) => {
      const failing = unit.prisma.$statements(async (transaction) => {
        await transaction.user.insertNamed(id, 'Ada');
        await transaction.user.insertNamed(id, 'again').catch(() => undefined);
      });
      await expect(failing).rejects.toThrow('rolled back');
    });

    expect(await exists(id)).toBe(false);
  });

  it('concurrent statements and transactions run one after the other', async () => {
    const ids = Array.from({ length: 12 }, anId);

    await inUnitOfWork(prisma, (unit) =>
      Promise.all(
        ids.map((id, index) =>
          index % 2 === 0
            ? unit.prisma.user.create({ data: { id } })
            : unit.prisma.$statements((transaction) => transaction.user.insertNamed(id, 'Ada')),
        ),
      ),
    );

    expect(await prisma.user.count({ where: { id: { in: ids } } })).toBe(ids.length);
  });

  it('what is to happen after the commit happens in order, and not after a rollback', async () => {
    const acts: string[] = [];
    const seen = await inUnitOfWork(prisma, async (unit) => {
      unit.afterCommit(() => acts.push('first'));
      unit.afterCommit(() => acts.push('second'));
      return [...acts];
    });
    const failing = inUnitOfWork(prisma, async (unit) => {
      unit.afterCommit(() => acts.push('never'));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');

    expect(seen).toEqual([]);
    expect(acts).toEqual(['first', 'second']);
  });

  it('a revocation is announced to listeners of the service after the commit', async () => {
    const revoked: string[] = [];
    onRevocation(prisma, (user) => revoked.push(user));

    const before = await inUnitOfWork(prisma, async (unit) => {
      announceRevocation(unit.prisma, 'a user');
      return [...revoked];
    });

    expect(before).toEqual([]);
    expect(revoked).toEqual(['a user']);
  });
});
