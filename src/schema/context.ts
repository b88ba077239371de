import type { PasswordResets } from '../auth/password-reset/password-resets.ts';
import type { AuthClient, AuthRequests } from '../auth/sessions/auth-requests.ts';
import type { Issuers } from '../auth/signed/issuers.ts';
import type { SigningKeys } from '../auth/signed/signing-keys.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import type { DatabaseIdentity } from '../database/identity.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { tracePrisma } from '../database/trace-prisma.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { DeliveryLogMethods } from '../deliveries/sql/methods.ts';
import type { DispatchPort } from '../dispatch/dispatch-port.ts';
import type { EnqueueContext } from '../dispatch/enqueue.ts';
import type { DispatchMethods } from '../dispatch/sql/methods.ts';
import type { NotificationEvents } from '../live/events/notification-events.ts';
import type { Feed } from '../live/feed/feed.ts';
import type { CreateContext, ReadContext } from '../notifications/context.ts';
import type { NotificationMethods } from '../notifications/sql/methods.ts';
import type { PreferenceMethods } from '../preferences/sql/methods.ts';
import type { Charge } from '../rate-limits/caller-limits.ts';
import type { Span } from '../tracing.ts';
import type { UserDataMethods } from '../user-data/sql/methods.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { usersCollection } from '../users/model.ts';
import type { UserMethods } from '../users/sql/methods.ts';
import { createUserLoader, type UserLoader } from './user-loader.ts';

/** The methods that resolvers and nouns need from Prisma's models. */
export type PrismaMethods = DeliveryLogMethods &
  DispatchMethods &
  NotificationMethods &
  PreferenceMethods &
  UserDataMethods &
  UserKeyMethods &
  UserMethods;

/** The context of every resolver: the context of the nouns, the loaders of one request, and the live changes. */
export interface GraphQLContext extends EnqueueContext, CreateContext, ReadContext {
  readonly prisma: ServicePrisma<PrismaMethods>;
  readonly dispatch: DispatchPort;
  readonly users: UserLoader;
  readonly notificationEvents: NotificationEvents;
  readonly feed: Feed;
  readonly signingKeys: SigningKeys;
  readonly issuers: Issuers;
  readonly auth: AuthRequests;
  readonly passwordResets: PasswordResets;
  /** The client of the HTTP request, to sign in and out; undefined over other transports. */
  readonly authClient: (() => AuthClient) | undefined;
  /** Takes the price of an operation from the points of the caller; undefined: the caller is not limited. */
  readonly charge: Charge | undefined;
  /** Identity of the store, for cursors. */
  readonly identity: DatabaseIdentity;
  /** The id of the last event a returning client received; it overrides the cursor of its first request. */
  readonly lastEventId?: string | undefined;
  /** True if the service itself limits the rows, whatever the caller requests. */
  readonly isRowBound?: true;
}

/** The parts of a context that are the same for all requests. */
export type Surroundings = Omit<Context, 'viewer' | 'prisma' | 'span'> &
  Pick<
    GraphQLContext,
    | 'prisma'
    | 'bus'
    | 'dispatch'
    | 'notificationEvents'
    | 'feed'
    | 'identity'
    | 'signingKeys'
    | 'issuers'
    | 'auth'
    | 'passwordResets'
  >;

/** The parts of a context that belong to the request of an operation. */
export type RequestParts = Partial<Pick<GraphQLContext, 'span' | 'authClient' | 'charge'>>;

/** The context of one request, or of one operation on a socket. */
export function createContext(
  {
    prisma,
    bus,
    now,
    limits,
    dispatch,
    notificationEvents,
    feed,
    identity,
    signingKeys,
    issuers,
    auth,
    passwordResets,
  }: Surroundings,
  viewer: Viewer,
  { span, authClient, charge }: RequestParts = {},
): GraphQLContext {
  // Written out: a spread would give every object its own hidden class, and subscriptions keep very many of them.
  const users = createUserLoader({ prisma, now, limits, viewer });
  return {
    prisma,
    bus,
    now,
    limits,
    dispatch,
    viewer,
    notificationEvents,
    feed,
    identity,
    signingKeys,
    issuers,
    auth,
    passwordResets,
    authClient,
    charge,
    users,
    usersCollection,
    span,
  };
}

/** A context whose queries read at most this many rows; undefined: no limit. */
export function withRowBound(context: GraphQLContext, queryMax: number | undefined): GraphQLContext {
  const limits = { ...context.limits, queryMax };
  return { ...createContext({ ...context, limits }, context.viewer, { span: context.span }), isRowBound: true };
}

/** The same context for work that belongs to this span: each statement is recorded below it. */
export function withSpan(context: GraphQLContext, span: Span): GraphQLContext {
  const prisma = tracePrisma(context.prisma, span);
  return { ...context, prisma, span, users: createUserLoader({ ...context, prisma }) };
}

/** A unit of work whose client has the methods that resolvers need. */
export type ResolverUnit = UnitOfWork<PrismaMethods>;

/** The same context for work in a unit: what it tells others outside the database happens after the commit. */
export function withUnit(context: GraphQLContext, { prisma, afterCommit }: ResolverUnit): GraphQLContext {
  const { bus, dispatch, issuers } = context;
  const users = createUserLoader({ ...context, prisma });
  return {
    ...context,
    prisma,
    users,
    bus: { publish: (ranges) => afterCommit(() => bus.publish(ranges)) },
    dispatch: { ...dispatch, wake: () => afterCommit(() => dispatch.wake()) },
    issuers: { ...issuers, invalidate: () => afterCommit(() => issuers.invalidate()) },
  };
}

/** The context for the next event of a subscription: rows loaded for the previous one may have changed. */
export function renewContext(context: GraphQLContext): GraphQLContext {
  return createContext(context, context.viewer);
}
