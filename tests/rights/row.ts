import { type Action, may } from '../../src/auth/rights.ts';
import type { Viewer } from '../../src/auth/viewer.ts';
import type { Caller, CallerName, Operation, Outcome, RestRequest, World } from './callers.ts';

/** What a root field or route asks for, and whom it answers. */
export interface Row<Request> {
  /** The action of the matrix; several: each of them suffices, or with `allOf` all are needed. `public`: anybody may. */
  readonly action: Action | readonly Action[] | { readonly allOf: readonly Action[] } | 'public';
  /** The callers who are answered, with spaces between. */
  readonly allowed: string;
  /** The callers to whom nothing of it exists. All others are refused. */
  readonly empty: string;
  readonly request: (world: World, caller: Caller) => Request | Promise<Request>;
}

/**
 * By the name of a root field or `METHOD /path`; several rows of one name have the case in brackets after it, such as
 * `users (of others)`.
 */
export type Rows<Request> = Readonly<Record<string, Row<Request>>>;
export type OperationRows = Rows<Operation>;
export type RouteRows = Rows<Omit<RestRequest, 'method'>>;

/** A row. @param allowed callers, with spaces between @param empty callers to whom nothing of it exists */
export function row<Request>(
  action: Row<Request>['action'],
  allowed: string,
  request: Row<Request>['request'],
  empty = '',
): Row<Request> {
  return { action, allowed, empty, request };
}

export const tokens = '+inbox +preferences +send +read_log +templates +users +admin';
/** Everybody with a valid token. */
export const signedIn = `member reader operator admin ${tokens}`;
export const all = `anonymous suspended ${signedIn}`;

/** Whether the matrix allows a row to the viewer. */
export function isAllowed(viewer: Viewer, action: Exclude<Row<unknown>['action'], 'public'>): boolean {
  if (typeof action === 'object' && 'allOf' in action) return action.allOf.every((one) => may(viewer, one));
  return [action].flat().some((one) => may(viewer, one));
}

/** The outcome that a row says. @throws Error for a caller that is named twice, or is unknown */
export function expectedOf(names: readonly CallerName[], { allowed, empty }: Pick<Row<unknown>, 'allowed' | 'empty'>) {
  const outcomes = new Map<string, Outcome>(names.map((name) => [name, 'refused']));
  for (const [list, outcome] of [
    [allowed, 'allowed'],
    [empty, 'empty'],
  ] as const) {
    for (const name of list.split(' ').filter((one) => one !== '')) {
      if (outcomes.get(name) !== 'refused') throw new Error(`"${name}" is unknown or named twice`);
      outcomes.set(name, outcome);
    }
  }
  return Object.fromEntries(outcomes);
}

/** The name of the root field or route of a row. */
export const subjectOf = (key: string) => key.split(' (')[0] ?? key;
