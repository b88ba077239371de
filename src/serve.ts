import type { Logger } from 'pino';
import type { Config, TelemetryConfig } from './config.ts';
import { EmbeddedError } from './database/embedded/error.ts';
import { MigrationError } from './database/migrations.ts';
import { loadEnvFile } from './env-file.ts';
import { ConfigError, misspelt, nearText } from './environment-faults.ts';
import { storeSecrets } from './first-secrets.ts';
import { collectAfterStart, tuneHeap } from './heap.ts';
import { createLogger } from './log.ts';
import { isOutage } from './outage.ts';
import { readConfig } from './read-config.ts';
import { readableLog } from './readable-log.ts';
import { type StartOptions, start } from './start.ts';
import { StartError } from './start-error.ts';
import type { Tracer } from './tracing.ts';
import type { SeededAdmin } from './users/first-admin.ts';

/**
 * Milliseconds in which a repeated signal counts as the same: Ctrl-C reaches the service from the terminal, and again
 * from the program that started it, such as npm.
 */
const sameSignalMs = 100;
/** Milliseconds a stop may take after the second signal. */
const hurryMs = 1_500;

/**
 * Runs the service until a signal stops it, configured by the environment. Returns the exit code; the caller ends the
 * process with it, because a failed start may leave timers or connections.
 */
export async function serve(): Promise<number> {
  tuneHeap();
  const stop = new AbortController();
  const hurry = new AbortController();
  try {
    const envFile = loadEnvFile();
    const config = readConfig();
    const { stdout } = process;
    const log = createLogger({
      level: config.logLevel,
      ...(stdout.isTTY && { destination: readableLog(stdout, stdout.hasColors()) }),
    });
    if (envFile !== undefined) log.info({ file: envFile }, 'read variables from a file');
    for (const { name, meant } of misspelt()) log.warn({ variable: name, meant }, nearText(name, meant));
    // Must precede everything that needs an orderly stop.
    listenToSignals({ timeoutMs: config.stop.timeoutMs, log, stop, hurry });
    const app = await start(config, {
      log,
      tracer: config.telemetry && (await traceWith(config.telemetry, log)),
      signal: stop.signal,
      ...secretsHandling(config, log),
      onDatabaseLost(error) {
        log.fatal({ err: error }, 'the embedded database ended');
        process.exit(1);
      },
    });
    collectAfterStart();
    print(welcome(config.publicUrl ?? app.address));
    await aborted(stop.signal);
    try {
      await app.stop(hurry.signal);
    } catch (error) {
      log.error({ err: error }, 'the stop was not clean');
      return 1;
    }
    return hurry.signal.aborted ? 1 : 0;
  } catch (error) {
    // A cancelled start has already cleaned up.
    if (stop.signal.aborted && error === stop.signal.reason) return 0;
    process.stderr.write(`${textOf(error)}\n`);
    return 1;
  }
}

/** Loads OpenTelemetry, which takes memory and time that a service without traces does not spend. */
async function traceWith(telemetry: TelemetryConfig, log: Logger): Promise<Tracer> {
  const { startTelemetry } = await import('./telemetry/start-telemetry.ts');
  return startTelemetry(telemetry, log);
}

/** Codes of system errors that may lack a path. */
const fileSystemCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM']);

interface Stop {
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly stop: AbortController;
  readonly hurry: AbortController;
}

/** The first signal stops gracefully, the second aborts what is under way, the third ends the process. */
function listenToSignals({ timeoutMs, log, stop, hurry }: Stop): void {
  let lastAt = Number.NEGATIVE_INFINITY;
  const endIn = (ms: number) => {
    const end = () => {
      log.error('the stop took too long');
      process.exit(1);
    };
    setTimeout(end, ms).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const isRepeated = performance.now() - lastAt < sameSignalMs;
      lastAt = performance.now();
      if (isRepeated) return;
      if (hurry.signal.aborted) process.exit(1);
      const next = stop.signal.aborted ? hurry : stop;
      log.info({ signal }, next === stop ? 'stopping' : 'stopping at once');
      endIn(next === stop ? timeoutMs : hurryMs);
      next.abort();
    });
  }
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', resolve);
  });
}

/** One sentence for what the operator can fix; a stack trace for anything else. */
function textOf(error: unknown): string {
  const { path, code, message } = error as { path?: unknown; code?: unknown; message?: unknown };
  // Files and folders that are missing, full or not ours.
  if (path !== undefined || fileSystemCodes.has(String(code))) return `The service cannot start: ${message}.`;
  if (isOutage(error)) return `The database or the bus was lost during the start: ${(error as Error).message}.`;
  const isKnown = [ConfigError, EmbeddedError, MigrationError, StartError].some((kind) => error instanceof kind);
  if (!(error instanceof Error)) return String(error);
  return isKnown ? error.message : String(error.stack);
}

/** The operator gets the generated secrets of the first admin on the terminal or in a file. They are never logged. */
function secretsHandling(config: Config, log: Logger): Pick<StartOptions, 'keepSecrets' | 'onAdminMade'> {
  if (process.stdout.isTTY) return { onAdminMade: (admin) => print(firstAdmin(admin)) };
  let file: string | undefined;
  return {
    async keepSecrets(admin) {
      if (admin.password === undefined && admin.token === undefined) return;
      try {
        file = await storeSecrets(config.dataDir, admin);
      } catch (error) {
        // The generated password may be lost if ADMIN_TOKEN is set: the admin can set another password with that token.
        if (admin.token !== undefined) throw error;
        log.warn({ reason: (error as Error).message }, 'the generated password of the first admin was not stored');
      }
    },
    onAdminMade({ email }) {
      if (file === undefined) log.info({ email }, 'created the first admin');
      else
        log.info(
          { email, file },
          'created the first admin; its generated secrets are in a file that only this user may read',
        );
    },
  };
}

function firstAdmin({ email, password, token }: SeededAdmin): string {
  return [
    'This first start created an admin. Its generated secrets are shown only now:',
    `  e-mail    ${email}`,
    ...(password === undefined ? [] : [`  password  ${password}`]),
    ...(token === undefined ? [] : [`  token     ${token}`]),
  ].join('\n');
}

function welcome(url: string): string {
  return [
    `Tidings answers at ${url}`,
    `  GraphQL and GraphiQL  ${url}/graphql/system`,
    `  Directus REST         ${url}/notifications`,
    `  Coder REST            ${url}/api/v2/notifications/inbox`,
  ].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
