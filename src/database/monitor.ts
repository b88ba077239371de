import type { Logger } from 'pino';
import { isOutage } from '../outage.ts';
import { within } from '../promises.ts';
import { createAdmission, type GuardedWork } from './admission.ts';
import { incompatibilityOf, schemaGeneration } from './compatibility.ts';
import type { Queryable } from './database.ts';
import { type GuardedPart, hiddenParts } from './fingerprint.ts';
import { type DatabaseIdentity, identityAction, updateIdentity } from './identity.ts';
import { nodeLockClass } from './lock-keys.ts';
import { MigrationError, readMigrations } from './migrations.ts';
import { type OtherNodesOptions, watchOtherNodes } from './other-nodes.ts';
import { openSession, type Session } from './session.ts';
import { type DatabaseView, readView } from './view.ts';

/** Checks every few seconds, on its own connection, whether the database is usable and which identity it has. */
export interface DatabaseMonitor {
  readonly identity: DatabaseIdentity;
  /**
   * Checks now; returns within two seconds. The result is the reason why the database is not usable, or undefined if it
   * is.
   */
  check(): Promise<string | undefined>;
  /** Starts a check and does not wait for its result. To be called when the database may have changed. */
  checkSoon(): void;
  /**
   * Pauses the work while the version of this node is not compatible with the database. Returns a function that removes
   * the work.
   */
  guard(work: GuardedWork): () => void;
  close(): void;
}

export interface MonitorOptions extends OtherNodesOptions {
  readonly url: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The schema generation of this code, which is compared with the database's minimum; default: `schemaGeneration`. */
  readonly generation?: number;
  /** The migrations that this code needs; default: those in the folder. */
  readonly migrations?: readonly string[];
  /** Milliseconds between checks; default 2,000. */
  readonly pollMs?: number;
}

type State =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The version of this node is not compatible with the schema of the database. */
  | { readonly kind: 'incompatible'; readonly reason: string };

const defaultPollMs = 2_000;
/** Timeout of connecting and of each statement, in milliseconds. */
const sessionMs = 10_000;
/** Milliseconds that `check` waits for the result. */
const checkMs = 1_500;
/**
 * SQLSTATEs for missing tables, columns and schemas, and for invalid column references: the schema is not that of
 * Tidings, or it is being restored.
 */
const missingSchema: ReadonlySet<unknown> = new Set(['42P01', '42703', '42P10', '3F000']);

/**
 * Runs the first check and starts the periodic ones.
 * @throws Error when the database is unreachable or this version may not write to it.
 */
export async function startMonitor(options: MonitorOptions): Promise<DatabaseMonitor> {
  const { url, log, generation = schemaGeneration, pollMs = defaultPollMs } = options;
  const migrations = options.migrations ?? (await readMigrations()).map(({ name }) => name);
  const listeners = new Set<() => void>();
  let id: string | undefined;
  let session: Session | undefined;
  let hidden: readonly GuardedPart[] | undefined;
  /** Whether this session holds the shared lock of nodes that may write. */
  let isHeld = false;
  let running: Promise<State> | undefined;
  const reportOtherNodes = watchOtherNodes(options);
  let isClosed = false;

  const lock = async (on: Queryable, verb: 'lock' | 'unlock') => {
    await on.query({ text: `select pg_advisory_${verb}_shared($1, $2)`, values: [nodeLockClass, generation] });
    isHeld = verb === 'lock';
  };

  const admission = createAdmission(log, async () => {
    if (session !== undefined && isHeld) await lock(session, 'unlock').catch(drop);
  });

  async function connect(): Promise<Session> {
    const opened = await openSession({
      url,
      name: 'tidings monitor',
      timeoutMs: sessionMs,
      onLost: () => {
        if (session === opened) drop();
        checkSoon();
      },
    });
    if (isClosed) {
      opened.end();
      throw new Error('The monitor is closed.');
    }
    session = opened;
    isHeld = false;
    if (hidden === undefined) {
      hidden = await hiddenParts(opened, isOutage);
      if (hidden.length > 0) {
        log.warn(
          { hidden },
          'the database hides parts of its fingerprint: a restore that changes only these is not detected',
        );
      }
    }
    if (!admission.isPaused()) await lock(opened, 'lock');
    return opened;
  }

  function drop(): void {
    session?.end();
    session = undefined;
    isHeld = false;
  }

  const read = (on: Queryable) => readView(on, hidden ?? []);

  async function checkNow(): Promise<State> {
    try {
      const on = session ?? (await connect());
      let view = await read(on);
      const incompatibility = () => incompatibilityOf(view, { generation, migrations });
      if (incompatibility() === undefined && !isHeld) {
        await lock(on, 'lock');
        // A migration may have checked the locks before this lock was taken, so the view is read again.
        view = await read(on);
      }
      const reason = incompatibility();
      if (reason !== undefined) return { kind: 'incompatible', reason };
      await identify(on, view);
      reportOtherNodes(view);
      return view.is_read_only ? { kind: 'unavailable', reason: 'the database is read-only' } : { kind: 'ready' };
    } catch (error) {
      drop();
      if (missingSchema.has((error as { code?: unknown }).code)) {
        return {
          kind: 'incompatible',
          reason: 'The database does not have the tables of Tidings: restore or migrate it.',
        };
      }
      if (id === undefined) throw error;
      if (!isClosed) log.error({ err: error }, 'failed to check the database');
      return { kind: 'unavailable', reason: 'the database is unreachable' };
    }
  }

  async function identify(on: Queryable, view: DatabaseView): Promise<void> {
    const isUpToDate = view.is_read_only || identityAction(view) === 'same';
    const found = isUpToDate ? view.id : await updateIdentity(on, () => read(on));
    if (found === null || found === id) return;
    const isNewHistory = id !== undefined || (view.id !== null && found !== view.id);
    id = found;
    if (isNewHistory) log.warn('the history of the database has changed, for example by a restore: resetting cursors');
    for (const listener of [...listeners]) listener();
  }

  function runCheck(): Promise<State> {
    running ??= checkNow()
      .then((state) => {
        // While the database is unreachable or read-only, the result of the last check remains valid.
        if (state.kind !== 'unavailable') admission.update(state.kind === 'incompatible' ? state.reason : undefined);
        return state;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }
  function checkSoon(): void {
    if (!isClosed) runCheck().catch(() => undefined);
  }

  const first = await runCheck().catch((error: unknown) => {
    drop();
    throw error;
  });
  if (first.kind === 'incompatible' || id === undefined) {
    drop();
    throw new MigrationError(
      first.kind === 'incompatible' ? first.reason : 'The database has no identity, and is read-only.',
    );
  }
  const timer = setInterval(checkSoon, pollMs).unref();

  return {
    identity: {
      current: () => id as string,
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    async check() {
      const late: State = { kind: 'unavailable', reason: 'the database does not respond' };
      const state = await within(checkMs, runCheck(), late);
      return state.kind === 'ready' ? undefined : state.reason;
    },
    checkSoon,
    guard: admission.guard,
    close() {
      isClosed = true;
      clearInterval(timer);
      drop();
    },
  };
}
