import { Prisma, type PrismaClient } from '../generated/prisma/client.ts';
import type { BasePrisma } from './database.ts';
import type { Sql } from './sql.ts';
import type { Runner, StatementMethod } from './statement.ts';
import type { TransactionConnection } from './transactions.ts';

/** Methods that the statements of a folder add to Prisma models, by model and name. */
export type ModelMethods = { readonly [Model in Uncapitalize<Prisma.ModelName>]?: Readonly<Record<string, AnyMethod>> };
// biome-ignore lint/suspicious/noExplicitAny: no other type takes methods of all arguments.
type AnyMethod = StatementMethod<any, any>;

/** The client within Prisma's interactive transaction: the models of the schema, with the methods of statements. */
export type PrismaTransaction<Methods = unknown> = Omit<Prisma.TransactionClient, '$transaction'> & Methods;

/**
 * Prisma's client with the methods of statements. Resolvers and nouns access the database only through it. Functions
 * declare the methods they use as `Methods`, so that a lower folder never imports those of a higher one.
 */
export type ServicePrisma<Methods = unknown> = PrismaTransaction<Methods> & {
  /**
   * Prisma's interactive transaction. If a statement fails, the transaction fails, even if the error is caught. It is
   * not retried; `inTransaction` retries.
   */
  $transaction<Result>(
    work: (transaction: PrismaTransaction<Methods>) => Promise<Result>,
    options?: { readonly isolationLevel?: Prisma.TransactionIsolationLevel },
  ): Promise<Result>;
  /**
   * A transaction of hand-written statements only, for frequent writes: it costs 0.06 ms of CPU, Prisma's 0.24 ms
   * (`bench/README.md`). Like `inTransaction`, it is retried once after a deadlock or serialisation failure.
   */
  $statements<Result>(work: (transaction: Methods) => Promise<Result>): Promise<Result>;
};

/** The key under which Prisma stores an object on the client of an interactive transaction, one per transaction. */
const scopeKey = Symbol.for('prisma.client.transaction.scope_context');
type InScope = { readonly [scopeKey]?: { readonly scopeState: object } };

/** The extension of Prisma that contains the statements of a folder. */
export interface MethodsExtension<Methods extends ModelMethods> {
  readonly methods: Methods;
  readonly extension: ReturnType<typeof Prisma.defineExtension>;
}

/** Declares a folder's statements as methods of Prisma's models. */
export function defineMethods<Methods extends ModelMethods>(name: string, methods: Methods): MethodsExtension<Methods> {
  // The type `ModelMethods` has checked the names of the models. Prisma's type would require each model to be listed.
  return { methods, extension: Prisma.defineExtension({ name, model: methods as object }) };
}

/** The methods that an extension adds. */
export type MethodsOf<Extension> = Extension extends MethodsExtension<infer Methods> ? Methods : never;

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** Creates the client with the methods of all these folders; called once, when the service is assembled. */
export function extendPrisma<const Extensions extends readonly MethodsExtension<ModelMethods>[]>(
  base: BasePrisma,
  extensions: Extensions,
): ServicePrisma<Intersection<MethodsOf<Extensions[number]>>> {
  type Methods = Intersection<MethodsOf<Extensions[number]>>;
  const models = modelsOf(extensions);
  const { run, part } = runnerOf(base);
  const runner: ClientExtension = base.client.$extends({
    client: {
      $run<Row>(this: unknown, sql: Sql): Promise<Row[]> {
        return run<Row>(this, sql);
      },
      $part<Result>(this: unknown, work: () => PromiseLike<Result>): Promise<Result> {
        return part(this, work);
      },
      $statements: <Result>(work: (transaction: Methods) => Promise<Result>) =>
        base.statements.transaction((transaction) =>
          work(bindMethods(models, { $run: (sql) => transaction.query(sql) }) as Methods),
        ),
    },
  });
  // The cast uses the existing types of the methods; TypeScript would otherwise compute Prisma's type of each step.
  return extensions.reduce(
    (client, { extension }) => client.$extends(extension) as unknown as ClientExtension,
    runner,
  ) as unknown as ServicePrisma<Methods>;
}

type ClientExtension = Pick<PrismaClient, '$extends'>;

/**
 * `run` runs SQL: on the transaction's connection for the client of a transaction, else on the pool. `part` runs a part
 * of the client's transaction, see `TransactionConnection.part`.
 */
function runnerOf({ statements, connectionOf }: BasePrisma) {
  const connections = new WeakMap<object, Promise<TransactionConnection>>();
  const connectionFor = (scope: object, client: unknown) => {
    let connection = connections.get(scope);
    if (connection === undefined) {
      const transaction = client as Prisma.TransactionClient;
      connection = connectionOf((text, ticket) => transaction.$queryRawUnsafe(text, ticket));
      connections.set(scope, connection);
    }
    return connection;
  };
  const scopeOf = (client: unknown) => (client as InScope)[scopeKey]?.scopeState;
  return {
    // This function is not async, because one more promise would keep the rows of every list in memory for longer.
    run<Row>(client: unknown, sql: Sql): Promise<Row[]> {
      const scope = scopeOf(client);
      if (scope === undefined) return statements.query<Row>(sql);
      return connectionFor(scope, client).then((connection) => connection.run<Row>(sql));
    },
    async part<Result>(client: unknown, work: () => PromiseLike<Result>): Promise<Result> {
      const scope = scopeOf(client);
      if (scope === undefined) throw new Error('Only a transaction has parts.');
      return (await connectionFor(scope, client)).part(work);
    },
  };
}

/** The methods of all folders by model. @throws Error when two folders add a method with the same name to a model. */
function modelsOf(extensions: readonly MethodsExtension<ModelMethods>[]): ReadonlyMap<string, object> {
  const models = new Map<string, Record<string, AnyMethod>>();
  for (const { methods } of extensions) {
    for (const [model, added] of Object.entries(methods)) {
      const existing = models.get(model) ?? {};
      for (const [name, one] of Object.entries(added)) {
        if (existing[name] !== undefined) throw new Error(`Two folders add ${model}.${name}.`);
        existing[name] = one;
      }
      models.set(model, existing);
    }
  }
  return models;
}

/** The models with only their added methods, which run on `$parent` instead of a Prisma client. */
function bindMethods(models: ReadonlyMap<string, object>, $parent: Runner): Record<string, object> {
  const bound: Record<string, object> = {};
  for (const [name, methods] of models) bound[name] = Object.assign(Object.create(methods), { $parent });
  return bound;
}
