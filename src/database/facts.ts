import pg from 'pg';
import { schemaGeneration, tooOld } from './compatibility.ts';
import { readHistory } from './migration-history.ts';
import { readMigrations } from './migrations.ts';

/** The results of a check of the database, as shown by `tidings doctor`. */
export interface DatabaseFacts {
  /** The server's version, such as `18.4`. */
  readonly postgres: string;
  /** Milliseconds of the shortest of several round trips. */
  readonly answerMs: number;
  /**
   * Milliseconds by which the clock of the database is ahead of the clock of this machine. The error is at most half a
   * round trip.
   */
  readonly clockMs: number;
  /** Whether the database has tables of Tidings. */
  readonly hasHistory: boolean;
  /** Names of the migrations of this version that are not applied, in order. */
  readonly missing: readonly string[];
  /** Why this version may not write to the database; undefined when it may. */
  readonly incompatibility: string | undefined;
}

/** @throws Error when the database cannot be reached. */
export async function readFacts(url: string): Promise<DatabaseFacts> {
  const client = new pg.Client({ connectionString: url, fallback_application_name: 'tidings doctor' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { postgres, answerMs, clockMs } = await readClock(client);
    const { applied, hasHistory, minimum } = await readHistory(client);
    const known = await readMigrations();
    return {
      postgres,
      answerMs: Number(answerMs.toFixed(1)),
      clockMs: Math.round(clockMs),
      hasHistory,
      missing: known.map(({ name }) => name).filter((name) => !applied.has(name)),
      incompatibility:
        minimum !== undefined && schemaGeneration < minimum.generation ? tooOld(minimum, schemaGeneration) : undefined,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Number of round trips to measure. The shortest one gives the most exact difference of the clocks; any single one may
 * be delayed.
 */
const samples = 7;

async function readClock(client: pg.Client) {
  let best = { postgres: '', answerMs: Number.POSITIVE_INFINITY, clockMs: 0 };
  for (let sample = 0; sample < samples; sample += 1) {
    const before = Date.now();
    const start = performance.now();
    const { rows } = await client.query<{ postgres: string; ms: number }>(
      `select current_setting('server_version') as postgres,
              (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
    );
    const answerMs = performance.now() - start;
    const { postgres = '', ms = before } = rows[0] ?? {};
    if (answerMs < best.answerMs) best = { postgres, answerMs, clockMs: ms - before - answerMs / 2 };
  }
  return best;
}
