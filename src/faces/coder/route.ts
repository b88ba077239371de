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
  /** The title in the API reference, and the heading above it. */
  readonly summary: string;
  readonly tag: Tag;
  /** Reads the query parameters in `variables`; undefined if there are none. */
  readonly query?: QueryReader<object>;
  /** Reads the body in `variables`; undefined if there is none. */
  readonly body?: z.ZodType;
  /** The statuses that `render` may return. */
  readonly answers: readonly (200 | 204 | 304)[];
  /** Returns the schema of the body with status 200, given the schemas of the document's root fields. */
  answer?(selected: Readonly<Record<string, JsonSchema>>): JsonSchema;
  /** Undefined if the document has no variables. @throws CoderError for invalid input. */
  variables?(input: RouteInput): Variables;
  /**
   * For routes on which an error about the target takes precedence over an invalid body. Called when `variables`
   * throws; the document then runs with these variables. They must make it fail with FAILED_VALIDATION of a body field
   * if the target is valid. Any other error is sent instead of the one that `variables` threw.
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
