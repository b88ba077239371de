import type { Failures } from './errors.ts';

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
