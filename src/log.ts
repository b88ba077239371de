import { type DestinationStream, type LoggerOptions, levels, pino, stdTimeFunctions } from 'pino';
import { isOutage } from './outage.ts';

export interface LogOptions {
  readonly level: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
  /** Milliseconds without an error after which an outage is over; longer than one check of an unresponsive database. */
  readonly quietMs?: number;
}

const defaultQuietMs = 15_000;

/**
 * The log of the service. Errors that are outages of the database are combined, wherever they are logged: one entry at
 * the start, and one at the end with its duration, instead of one per request.
 */
export function createLogger({ level, destination, quietMs = defaultQuietMs }: LogOptions): pino.Logger {
  let outage: { readonly since: number; last: number; faults: number; readonly quiet: NodeJS.Timeout } | undefined;

  function recordFault(error: Error): void {
    if (outage !== undefined) {
      outage.last = performance.now();
      outage.faults += 1;
      outage.quiet.refresh();
      return;
    }
    const now = performance.now();
    outage = { since: now, last: now, faults: 1, quiet: setTimeout(endOutage, quietMs).unref() };
    const { code, message } = error as Error & { readonly code?: unknown };
    log.error({ code, reason: message }, 'the database is unreachable');
  }

  function endOutage(): void {
    if (outage === undefined) return;
    const { since, last, faults } = outage;
    outage = undefined;
    log.info({ durationMs: Math.round(last - since), faults }, 'the database is reachable again');
  }

  const options: LoggerOptions = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    hooks: {
      logMethod(args, method, value) {
        const [fields] = args as readonly unknown[];
        const error = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : undefined;
        // Fatal errors end the process and are logged unchanged.
        const isFault = value === levels.values['warn'] || value === levels.values['error'];
        if (isFault && error instanceof Error && isOutage(error)) recordFault(error);
        else method.apply(this, args);
      },
    },
  };
  const log = destination === undefined ? pino(options) : pino(options, destination);
  return log;
}
