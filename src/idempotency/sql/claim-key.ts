import { statement } from '../../database/statement.ts';

/** Whether the lock of a key was free, and the stored answer of the key; `is_same` is null if there is none. */
export interface ClaimedKey {
  readonly got: boolean;
  /** Whether the answer belongs to the request that was asked for. */
  readonly is_same: boolean | null;
  readonly status: number;
  readonly answer: string | null;
}

/** A key that a request claims. */
export interface KeyClaim {
  /** The number of its advisory lock. */
  readonly lock: bigint;
  readonly user: string;
  readonly key: string;
  /** SHA-256 of the request. */
  readonly request: Buffer;
  /** How long answers are stored. */
  readonly hours: number;
}

/**
 * Takes the advisory lock of a key until the transaction ends, without waiting, and reads the answer of the key unless it
 * is too old. The snapshot is older than the lock, so an answer that the previous holder has just stored may be missing;
 * `keepAnswer` then finds it.
 */
export const claimKey = statement<ClaimedKey>()({
  name: 'claim_idempotency_key',
  text: `
  select pg_try_advisory_xact_lock($1::bigint) as got, request = $4::bytea as is_same, status, answer
  from (values (1)) one left join idempotency_keys
    on user_id = $2::uuid and key = $3 and created_at > now() - make_interval(secs => 3600 * $5::float8)`,
  values: ({ lock, user, key, request, hours }: KeyClaim) => [String(lock), user, key, request, hours],
});
