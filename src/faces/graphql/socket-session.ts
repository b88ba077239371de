import { type ExecutionResult, GraphQLError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { ErrorPresenter } from '../../operations/errors.ts';
import type { ResultStream } from '../../operations/subscribe.ts';
import type { Peer, SendLimits } from '../shared/send.ts';

/** What the protocol leaves open. */
export interface TransportOptions<Caller> extends SendLimits<Session<Caller>> {
  readonly presentError: ErrorPresenter;
  /** Takes `connection_init`; false: it has been answered, by closing. */
  readonly greet: (session: Session<Caller>, payload: Readonly<Record<string, unknown>>) => Promise<boolean>;
  /** Starts an operation: the stream of a subscription, one result, or what is wrong with it. */
  readonly start: (
    session: Session<Caller>,
    payload: SubscribePayload,
    operation: Operation,
  ) => Promise<ResultStream | ExecutionResult | readonly GraphQLError[]>;
  /** Something failed that is no fault of the peer's. */
  readonly onFault: (session: Session<Caller>, error: unknown) => void;
}

/** One operation; it is over when the session does not have it any more. */
export interface Operation {
  stream?: ResultStream;
  /** Of the message that asked for it, and of a document that the message only named. */
  characters: number;
}

/** One socket. */
export interface Session<Caller> extends Peer {
  caller: Caller;
  isAcknowledged: boolean;
  /** This node goes: the socket is closed as soon as no query or mutation is under way. */
  isLeaving: boolean;
  /** Operations that are open, those that are being started included. */
  readonly operations: Map<string, Operation>;
  /** Until `connection_init` comes. */
  patience: NodeJS.Timeout | undefined;
  /** What has to be called when the socket is gone. */
  releases: readonly (() => void)[];
}

/** The error to give when the operations that are open on a socket are longer than they may be together. */
export function excessOf({ operations }: Pick<Session<unknown>, 'operations'>, most: number): GraphQLError | undefined {
  const all = [...operations.values()].reduce((sum, { characters }) => sum + characters, 0);
  if (all <= most) return undefined;
  return new GraphQLError(`The operations that are open on this socket have more than ${most} characters together.`);
}
