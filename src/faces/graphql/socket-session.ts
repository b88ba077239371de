import { type ExecutionResult, GraphQLError } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { ResultStream } from '../../operations/subscribe.ts';
import type { Peer, SendLimits } from '../shared/send.ts';

/** The parts of the server that the protocol does not define. */
export interface TransportOptions<Caller> extends SendLimits<Session<Caller>> {
  readonly presentError: (error: unknown, session: Session<Caller>) => GraphQLError;
  /** Authenticates `connection_init`. False: the socket has been closed. */
  readonly handleConnectionInit: (
    session: Session<Caller>,
    payload: Readonly<Record<string, unknown>>,
  ) => Promise<boolean>;
  /** Starts an operation; returns the stream of a subscription, a result, or errors. */
  readonly start: (
    session: Session<Caller>,
    payload: SubscribePayload,
    operation: Operation,
  ) => Promise<ResultStream | ExecutionResult | readonly GraphQLError[]>;
  /** Called for internal errors. */
  readonly onFault: (session: Session<Caller>, error: unknown) => void;
}

/** One operation; it is over once it is removed from the session. */
export interface Operation {
  stream?: ResultStream;
  /** Length of its message, plus that of a document which the message named by hash. */
  characters: number;
}

/** One socket. */
export interface Session<Caller> extends Peer {
  caller: Caller;
  isAcknowledged: boolean;
  /** This node stops: the socket is closed as soon as no query or mutation is running. */
  isLeaving: boolean;
  /** Open operations by id, including those that are starting. */
  readonly operations: Map<string, Operation>;
  /** Closes the socket unless `connection_init` arrives in time; undefined afterwards. */
  initTimer: NodeJS.Timeout | undefined;
  /** Called when the socket closes. */
  releases: readonly (() => void)[];
}

/** The error if the open operations of a socket have more than `most` characters in total. */
export function excessOf({ operations }: Pick<Session<unknown>, 'operations'>, most: number): GraphQLError | undefined {
  const total = [...operations.values()].reduce((sum, { characters }) => sum + characters, 0);
  if (total <= most) return undefined;
  return new GraphQLError(`The operations that are open on this socket have more than ${most} characters in total.`);
}
