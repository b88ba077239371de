import type { Failures } from './errors.ts';

/** What a route reads its input from. Names in the path are decoded. */
export interface Asked {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** As it came; empty when there was none. */
  readonly body: string;
}

/** A status and, unless the status forbids one, a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export type Variables = Readonly<Record<string, unknown>>;

/** One route of the dialect: how its input becomes the variables of one document, and its data the answer. */
export interface Route<Data> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the prefix; `:name` stands for a part of the path. */
  readonly path: string;
  readonly document: string;
  /** @throws CoderError for input that cannot be understood; without it the document has no variables. */
  variables?(asked: Asked): Variables;
  /**
   * For a route that looks at what it changes before it reads the body: variables that the document refuses with
   * FAILED_VALIDATION of a field of the body for want of one, and with anything else for what comes first. Run when
   * `variables` throws.
   */
  withoutBody?(asked: Asked): Variables;
  render(data: Data): Answer;
  /** What the errors of the document become. */
  readonly failures?: Failures;
}

/** Describes a route; `Data` is what its document gives. */
export function route<Data>(description: Route<Data>): Route<unknown> {
  // The document and `Data` are written side by side, and a test runs each.
  return description as Route<unknown>;
}

/** 200 with a body. */
export const ok = (body: unknown): Answer => ({ status: 200, body });

/** Done, with nothing to say. */
export const noContent = (): Answer => ({ status: 204 });

/** It was like that before. */
export const notModified = (): Answer => ({ status: 304 });
