import type { FullPrisma } from '../../src/prisma.ts';

type Method = (...args: readonly unknown[]) => unknown;
type Models = Readonly<Record<string, Readonly<Record<string, Method>>>>;

/**
 * Returns a client that runs `interfere` before the first call of one method in any transaction.
 * @param call the model and the method, such as `user.lock`
 */
export function interruptedBefore(prisma: FullPrisma, call: string, interfere: () => Promise<unknown>): FullPrisma {
  const [model = '', method = ''] = call.split('.');
  let isDone = false;
  const watched = <Transaction extends object>(transaction: Transaction): Transaction => {
    const models = transaction as unknown as Models;
    const interrupted: Method = async (...args) => {
      if (!isDone) {
        isDone = true;
        await interfere();
      }
      return models[model]?.[method]?.(...args);
    };
    return replaced(transaction, model, replaced(models[model] ?? {}, method, interrupted));
  };
  const begin: FullPrisma['$transaction'] = (work, options) =>
    prisma.$transaction((transaction) => work(watched(transaction)), options);
  const beginStatements: FullPrisma['$statements'] = (work) =>
    prisma.$statements((transaction) => work(watched(transaction)));
  return replaced(replaced(prisma, '$transaction', begin), '$statements', beginStatements);
}

/** The object with another value of one property. */
function replaced<Target extends object>(target: Target, property: string, value: unknown): Target {
  return new Proxy(target, { get: (below, key) => (key === property ? value : Reflect.get(below, key)) });
}
