import type { PrismaTransaction, ServicePrisma } from './prisma.ts';
import { untraced } from './trace-prisma.ts';

/** Work of several nouns in one transaction, each written as if it were alone. */
export interface UnitOfWork<Methods = unknown> {
  /**
   * Works like the client of the service, but within the unit's transaction: a statement or transaction that fails is
   * rolled back alone, and its error may be handled. Statements and transactions run one after the other.
   */
  readonly prisma: ServicePrisma<Methods>;
  /** The unit's transaction, for statements whose failure fails the unit. Not while work with `prisma` is under way. */
  readonly transaction: PrismaTransaction<Methods>;
  /** Runs `act` after the commit, in the order of the calls; never if the unit is rolled back. */
  afterCommit(act: () => void): void;
}

/** Commits everything that `work` does and then returns its result, or rolls everything back if it throws. */
export async function inUnitOfWork<Methods, Result>(
  prisma: ServicePrisma<Methods>,
  work: (unit: UnitOfWork<Methods>) => Promise<Result>,
): Promise<Result> {
  const acts: (() => void)[] = [];
  const result = await prisma.$transaction((transaction) => {
    const client = clientOf<Methods>(transaction as Transaction<Methods>);
    const unit: UnitOfWork<Methods> = { prisma: client, transaction, afterCommit: (act) => void acts.push(act) };
    units.set(client, { unit, root: untraced(prisma) });
    return work(unit);
  });
  for (const act of acts) act();
  return result;
}

/** The units by their client, with the client of the service. */
const units = new WeakMap<object, { readonly unit: UnitOfWork; readonly root: object }>();

/**
 * Runs `act` with the client of the service: for the client of a unit after the unit's commit, for any other client
 * immediately.
 */
export function afterCommit(prisma: object, act: (client: object) => void): void {
  const client = untraced(prisma);
  const { unit, root } = units.get(client) ?? {};
  if (unit === undefined || root === undefined) act(client);
  else unit.afterCommit(() => act(root));
}

/** Whether this is the client of a unit, whose statements are committed together. */
export function isPartOfUnit(prisma: object): boolean {
  return units.has(untraced(prisma));
}

type Transaction<Methods> = PrismaTransaction<Methods> & {
  $part<Result>(work: () => PromiseLike<Result>): Promise<Result>;
};
type Method = (...args: unknown[]) => PromiseLike<unknown>;

/** A client whose statements and transactions are parts of this transaction. */
function clientOf<Methods>(transaction: Transaction<Methods>): ServicePrisma<Methods> {
  let last: Promise<unknown> = Promise.resolve();
  // One connection runs one part at a time.
  const part = <Result>(work: () => PromiseLike<Result>): Promise<Result> => {
    const running = last.then(() => transaction.$part(work));
    last = running.catch(() => undefined);
    return running;
  };
  const begin = (work: (inner: Transaction<Methods>) => Promise<unknown>) => part(() => work(transaction));
  const methodsOf = (target: object): object =>
    new Proxy(target, {
      get(methods, name) {
        const value: unknown = Reflect.get(methods, name);
        if (typeof value !== 'function' || typeof name !== 'string') return value;
        return (...args: unknown[]) => part(() => (value as Method).apply(methods, args));
      },
    });
  const models = new Map<string, object>();
  return new Proxy(transaction, {
    get(target, name) {
      if (name === '$transaction' || name === '$statements') return begin;
      const value: unknown = Reflect.get(target, name);
      if (typeof name !== 'string') return value;
      if (typeof value === 'function') return (...args: unknown[]) => part(() => (value as Method).apply(target, args));
      if (typeof value !== 'object' || value === null) return value;
      const model = models.get(name) ?? methodsOf(value);
      models.set(name, model);
      return model;
    },
  }) as unknown as ServicePrisma<Methods>;
}
