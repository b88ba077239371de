import type { z } from 'zod';
import type { JsonSchema } from '../shared/json-schema.ts';
import type { Tag } from '../shared/openapi.ts';
import type { Failures } from './errors.ts';
import type { QueryReader } from './query.ts';

/** The input of a route. Path parameters are decoded. */
export interface RouteInput {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The unparsed body; empty if there is none. */
  readonly body: string;
}

/** A status and, unless the status forbids it, a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export type Variables = Readonly<Record<string, unknown>>;

/** One route: maps its input to the variables of a GraphQL document, and the resulting data to the answer. */
export interface Route<Data> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below the prefix, with `:name` placeholders. */
  readonly path: string;
  readonly document: string;
  /** What the API reference says of it, and under which heading. */
  readonly summary: string;
  readonly tag: Tag;
  /** What `variables` reads the query parameters with; undefined if it reads none. */
  readonly query?: QueryReader<object>;
  /** What `variables` reads the body with; undefined if it reads none. */
  readonly body?: z.ZodType;
  /** The statuses of `render`. */
  readonly answers: readonly (200 | 204 | 304)[];
  /** The body of 200 that `render` makes of what the document selects. */
  answer?(selected: Readonly<Record<string, JsonSchema>>): JsonSchema;
  /** Undefined if the document has no variables. @throws CoderError for invalid input. */
  variables?(input: RouteInput): Variables;
  /**
   * For routes that check their target before the body. Run when `variables` throws: the variables it returns make the
   * document fail with FAILED_VALIDATION of a body field, unless it fails earlier, on the target; that error is sent.
   */
  withoutBody?(input: RouteInput): Variables;
  render(data: Data): Answer;
  /** Maps errors of the document to responses. */
  readonly failures?: Failures;
}

/** Describes a route; `Data` is the result of its document. */
export function route<Data>(description: Route<Data>): Route<unknown> {
  // The compiler cannot check `Data` against the document; a test runs each document.
  return description as Route<unknown>;
}

/** 200 with a body. */
export const ok = (body: unknown): Answer => ({ status: 200, body });

/** 204 without a body. */
export const noContent = (): Answer => ({ status: 204 });

/** 304: nothing was changed. */
export const notModified = (): Answer => ({ status: 304 });
