import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { invalidPayload } from '../../errors.ts';
import { unreadableBody } from '../shared/body-encoding.ts';

/**
 * Registers a parser for JSON in this scope. Missing and empty bodies, and bodies of other types, read as `{}`: some
 * clients send the JSON content type without a body.
 */
export function registerBodyParsers(app: FastifyInstance, options: { readonly bodyLimit: number }): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json\b/i,
    { parseAs: 'string', bodyLimit: options.bodyLimit },
    ({ headers }, text, done) => {
      try {
        const reason = unreadableBody(headers);
        if (reason !== undefined) throw invalidPayload(reason);
        done(null, parseJsonBody(String(text)));
      } catch (error) {
        done(error instanceof Error ? error : new Error('The body cannot be read.', { cause: error }));
      }
    },
  );
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null, {});
  });
}

/** @throws ServiceError `INVALID_PAYLOAD` for text that is not JSON, or JSON that is neither object nor list. */
function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw invalidPayload('The body is not valid JSON', error);
  }
  if (typeof body !== 'object' || body === null) throw invalidPayload('The body must be an object or a list');
  return body;
}

export const Keys = z.array(z.union([z.string(), z.number()]));
const Properties = z.record(z.string(), z.unknown());
const selectorFault = 'exactly one of "keys" and "query" must be given';
const hasOneSelector = ({ keys, query }: { keys?: unknown; query?: unknown }) =>
  (keys === undefined) !== (query === undefined);

export const SearchBody = z.strictObject({ keys: Keys.optional(), query: Properties.optional() });

export const PatchBody = z
  .strictObject({ keys: Keys.optional(), query: Properties.optional(), data: Properties })
  .refine(hasOneSelector, { error: selectorFault });

export const DeleteBody = z
  .strictObject({ keys: Keys.optional(), query: Properties.optional() })
  .refine(hasOneSelector, { error: selectorFault });

export const Batch = z.array(
  z.looseObject({ id: z.union([z.string(), z.number()], { error: 'every item needs its primary key "id"' }) }),
);

/** The rows that the body of a collection route selects: by keys or by a query. */
export interface RowSelector {
  readonly keys?: readonly (string | number)[] | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
}

/** @throws ServiceError `INVALID_PAYLOAD` naming the part of the body that is wrong. */
export function parseSearchBody(body: unknown): RowSelector {
  return parseWith(SearchBody, body);
}

/** The body of a PATCH of the collection: one change for the selected rows, or a separate change for each item. */
export type PatchBody =
  | {
      readonly kind: 'batch';
      readonly items: readonly { readonly id: string | number; readonly [name: string]: unknown }[];
    }
  | ({ readonly kind: 'same'; readonly data: Readonly<Record<string, unknown>> } & RowSelector);

/** @throws ServiceError `INVALID_PAYLOAD` naming the part of the body that is wrong. */
export function parsePatchBody(body: unknown): PatchBody {
  if (Array.isArray(body)) return { kind: 'batch', items: parseWith(Batch, body) };
  return { kind: 'same', ...parseWith(PatchBody, body) };
}

/** A bare list is a list of keys. @throws ServiceError `INVALID_PAYLOAD` naming the part of the body that is wrong. */
export function parseDeleteBody(body: unknown): RowSelector {
  return Array.isArray(body) ? { keys: parseWith(Keys, body) } : parseWith(DeleteBody, body);
}

/** Maximum number of faults reported for one body. */
const faultsMax = 20;

export function parseWith<Value>(shape: z.ZodType<Value>, body: unknown): Value {
  const parsed = shape.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues
    .slice(0, faultsMax)
    .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw invalidPayload(faults.join('; '));
}
