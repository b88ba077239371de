import type { FastifyInstance, FastifyReply } from 'fastify';
import { anonymous, type Viewer } from '../../auth/viewer.ts';
import type { CallerLimits, Charge, OnTaken, Policy } from '../../rate-limits/caller-limits.ts';
import { limitHeader, policyHeader, policyOf, stateOf } from './rate-limit-headers.ts';
import { routeOf } from './route-of.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Takes the price of an operation from the points of the caller; undefined: the caller is not limited. */
    charge: Charge | undefined;
  }
  interface FastifyContextConfig {
    /** Points that a request of the route costs; default: 1. */
    points?: number;
  }
}

/**
 * Takes the points of each request from those of its user, or of its address, and refuses the request if there are too
 * few. @param limits undefined: no caller is limited, and requests are not touched
 */
export function limitCallers(app: FastifyInstance, limits: CallerLimits | undefined): void {
  app.decorateRequest('charge', undefined);
  if (limits === undefined) return;
  // The first hook after those that identify the caller, and before the body is read.
  app.addHook('preParsing', (request, reply, _payload, done) => {
    // Requests outside the scopes that identify, such as those for pages, have no viewer.
    const viewer = (request.viewer as Viewer | undefined) ?? anonymous;
    const { points = 1 } = routeOf(request).config;
    if (points === 0) return done();
    const allowance = limits.allowanceOf(viewer, () => request.ip, announceOn(reply));
    if (allowance === undefined) return done();
    request.charge = allowance.charge;
    const refusal = allowance.arrive(points);
    if (refusal === undefined) return done();
    if (refusal instanceof Promise) refusal.then((refused) => done(refused ?? null), done);
    else done(refusal);
  });
}

/** The headers of policies, which are the same in all responses. */
const policies = new WeakMap<Policy, string>();

function cachedPolicy(policy: Policy): string {
  const known = policies.get(policy);
  if (known !== undefined) return known;
  const text = policyOf(policy);
  policies.set(policy, text);
  return text;
}

/**
 * Sets the headers of the limit, after those of another limit that the reply already has. It runs in every request of a
 * limited caller: copies of objects, lists of entries and maps here took more time than everything else about limits.
 */
function announceOn(reply: FastifyReply): OnTaken {
  let isFirst = true;
  let otherState: unknown;
  return (policy, taken) => {
    // An operation that costs more is announced again, with the same policy.
    if (isFirst) {
      isFirst = false;
      const otherPolicy = reply.getHeader(policyHeader);
      // Both headers are set together.
      if (otherPolicy !== undefined) otherState = reply.getHeader(limitHeader);
      reply.header(policyHeader, after(otherPolicy, cachedPolicy(policy)));
    }
    reply.header(limitHeader, after(otherState, stateOf(policy.name, taken)));
  };
}

function after(other: unknown, value: string): string {
  return typeof other === 'string' ? `${other}, ${value}` : value;
}
