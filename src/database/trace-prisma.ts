import { inSpan, type Span } from '../tracing.ts';

/** The untraced client of each traced client. */
const untracedClients = new WeakMap<object, object>();

/**
 * The client from which a traced client was made; any other client is returned as it is. Maps whose keys are clients
 * use the result as key, so that traced clients share the entry.
 */
export function untraced<Client extends object>(prisma: Client): Client {
  // A traced client has the type of its untraced client.
  return (untracedClients.get(prisma) as Client | undefined) ?? prisma;
}

/**
 * A client that records a span below `parent` for each statement and transaction, named by the method that was called,
 * such as `notification.query`. A span contains neither the text of a statement nor its values.
 */
export function tracePrisma<Client extends object>(prisma: Client, parent: Span): Client {
  const client = untraced(prisma);
  const traced = new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof name !== 'string') return value;
      if (name === '$transaction' || name === '$statements') return tracedTransaction(target, value as Begin, parent);
      return isModel(name, value) ? traceModel(name, value, parent) : value;
    },
  });
  untracedClients.set(traced, client);
  return traced;
}

type Begin = (work: (transaction: object) => unknown, options?: object) => Promise<unknown>;

function tracedTransaction(client: object, begin: Begin, parent: Span): Begin {
  return (work, options) => {
    const span = parent.start('transaction');
    return inSpan(
      span,
      () => begin.call(client, (transaction) => work(tracePrisma(transaction, span)), options),
      nameOf,
    );
  };
}

function isModel(name: string, value: unknown): value is object {
  return typeof value === 'object' && value !== null && /^[a-z]/.test(name);
}

function traceModel(model: string, methods: object, parent: Span): object {
  return new Proxy(methods, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name !== 'string' || name.startsWith('$')) return value;
      return (...args: unknown[]) => {
        const summary = `${model}.${name}`;
        const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': summary };
        const span = parent.start(summary, { kind: 'client', attributes });
        // Prisma sends a query only when its promise is awaited, so the span covers all of it.
        return inSpan(span, () => value.apply(target, args), nameOf);
      };
    },
  });
}

/** The code of PostgreSQL or Prisma; the message of an error may quote values. */
function nameOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'error');
}
