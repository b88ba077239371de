import { type DestinationStream, type LoggerOptions, levels, pino } from 'pino';
import { isOutage } from './outage.ts';

export interface LogOptions {
  readonly level: string;
  /** Left out: the process's output. */
  readonly destination?: DestinationStream;
  /** After so long without a fault an outage is over; a look at a database that says nothing takes less. */
  readonly quietMs?: number;
}

const defaultQuietMs = 15_000;

/**
 * The log of the service. Whoever logs an `err` that is an outage of the database, at whichever place, speaks of the same
 * thing: it is logged when it begins, and when it is over with how long it took, and not for every request that met it.
 */
export function createLogger({ level, destination, quietMs = defaultQuietMs }: LogOptions): pino.Logger {
  let outage: { readonly since: number; last: number; faults: number; readonly quiet: NodeJS.Timeout } | undefined;

  function fault(error: Error): void {
    if (outage !== undefined) {
      outage.last = performance.now();
      outage.faults += 1;
      outage.quiet.refresh();
      return;
    }
    const now = performance.now();
    outage = { since: now, last: now, faults: 1, quiet: setTimeout(over, quietMs).unref() };
    const { code, message } = error as Error & { readonly code?: unknown };
    log.error({ code, reason: message }, 'the database cannot be asked');
  }

  function over(): void {
    if (outage === undefined) return;
    const { since, last, faults } = outage;
    outage = undefined;
    log.info({ durationMs: Math.round(last - since), faults }, 'the database answers again');
  }

  const options: LoggerOptions = {
    level,
    hooks: {
      logMethod(args, method, value) {
        const [fields] = args as readonly unknown[];
        const error = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : undefined;
        // What is fatal ends the process: it is said as it is.
        const isFault = value === levels.values['warn'] || value === levels.values['error'];
        if (isFault && error instanceof Error && isOutage(error)) fault(error);
        else method.apply(this, args);
      },
    },
  };
  const log = destination === undefined ? pino(options) : pino(options, destination);
  return log;
}
