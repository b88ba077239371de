import { statement } from '../../database/statement.ts';

/** An answer to store. */
export interface KeptAnswer {
  readonly user: string;
  readonly key: string;
  /** SHA-256 of the request. */
  readonly request: Buffer;
  readonly status: number;
  readonly answer: string | null;
  /** How long answers are stored. */
  readonly hours: number;
}

/**
 * Stores an answer, over one that is too old. `is_taken`: another answer was stored meanwhile. Nothing is stored for a
 * user that the request itself has deleted; the lock waits for a concurrent deletion of the user, or makes it wait.
 */
export const keepAnswer = statement<{ readonly is_taken: boolean }>()({
  name: 'keep_idempotent_answer',
  text: `
  with kept as (
    insert into idempotency_keys (user_id, key, request, status, answer)
    select id, $2, $3::bytea, $4::smallint, $5 from users where id = $1::uuid for key share
    on conflict (user_id, key) do update
    set request = excluded.request, status = excluded.status, answer = excluded.answer, created_at = excluded.created_at
    where idempotency_keys.created_at <= now() - make_interval(secs => 3600 * $6::float8)
    returning 1
  )
  select not exists (select from kept) and exists (select from users where id = $1::uuid) as is_taken`,
  values: ({ user, key, request, status, answer, hours }: KeptAnswer) => [user, key, request, status, answer, hours],
});
