import { ownerOf, type Viewer } from '../auth/viewer.ts';
import { addressKey } from '../client-address.ts';
import type { ServiceError } from '../errors.ts';
import { exceeded } from '../quota.ts';
import type { CountRefusal } from './refusal-metrics.ts';
import { createSlowRefusals, type SlowRefusal } from './slow-refusals.ts';
import { type Taken, type TokenBuckets, windowMs } from './token-buckets.ts';

/** A limit by its name in headers and metrics. */
export interface Policy {
  readonly name: 'user' | 'anonymous';
  /** Points that a caller may use per minute, and at once. */
  readonly perMinute: number;
}

/** Called each time a limit was asked. */
export type OnTaken = (policy: Policy, taken: Taken) => void;

/** The error of a refused request or operation; undefined if it may go on. */
export type Refusal = ServiceError | undefined;

/** Takes what an operation costs beyond its request. @param price as computed before it runs */
export type Charge = (price: number) => Refusal | Promise<Refusal>;

/** What one request, or one message of a socket, takes from the points of its caller. */
export interface Allowance {
  /** Takes the points of the request when it arrives. */
  arrive(points: number): Refusal | Promise<Refusal>;
  readonly charge: Charge;
}

/** The limits of callers over all faces: of each user, and of each address without a signed-in user. */
export interface CallerLimits {
  /** Undefined: this caller is not limited. */
  allowanceOf(viewer: Viewer, address: () => string, onTaken?: OnTaken): Allowance | undefined;
}

/** A limit that is on, and its buckets. */
export interface Limit {
  readonly policy: Policy;
  readonly buckets: TokenBuckets;
}

/** The price of a plain request, about a millisecond of work. */
const pricePerPoint = 1000;

/** The points of a request whose operations have this price together: at least one. */
function pointsOf(price: number): number {
  return Math.max(1, Math.round(price / pricePerPoint));
}

/** @param limits a missing one is off; if both are missing, there are no limits */
export function createCallerLimits(
  { user, anonymous }: { readonly user: Limit | undefined; readonly anonymous: Limit | undefined },
  count: CountRefusal,
): CallerLimits | undefined {
  if (user === undefined && anonymous === undefined) return undefined;
  const slowRefusal = createSlowRefusals();
  return {
    allowanceOf(viewer, address, onTaken) {
      const limit = viewer.kind === 'user' ? user : anonymous;
      if (limit === undefined) return undefined;
      const key = viewer.kind === 'user' ? ownerOf(viewer) : addressKey(address());
      return createAllowance(limit, key, { count, slowRefusal, onTaken });
    },
  };
}

interface Callbacks {
  readonly count: CountRefusal;
  readonly slowRefusal: SlowRefusal;
  readonly onTaken: OnTaken | undefined;
}

function createAllowance(
  { policy, buckets }: Limit,
  key: string,
  { count, slowRefusal, onTaken }: Callbacks,
): Allowance {
  let takenPoints = 0;
  /** The sum of the prices of all operations of the request. */
  let price = 0;

  function refusalOf(taken: Taken, points: number): Refusal | Promise<Refusal> {
    onTaken?.(policy, taken);
    if (taken.isAllowed) {
      takenPoints += points;
      return undefined;
    }
    count(policy.name);
    const refusal = exceeded({ most: policy.perMinute, windowMs, what: 'points' }, Date.now() + taken.waitMs);
    return slowRefusal(`${policy.name} ${key}`)?.then(() => refusal) ?? refusal;
  }

  function take(points: number): Refusal | Promise<Refusal> {
    const taken = buckets.take(key, points);
    return taken instanceof Promise ? taken.then((done) => refusalOf(done, points)) : refusalOf(taken, points);
  }

  return {
    arrive: take,
    charge(added) {
      price += added;
      const due = pointsOf(price) - takenPoints;
      return due > 0 ? take(due) : undefined;
    },
  };
}
