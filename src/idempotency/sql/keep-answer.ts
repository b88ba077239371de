import { statement } from '../../database/statement.ts';

/** An answer to store. */
export interface KeptAnswer {
  readonly user: string;
  readonly key: string;
  /** SHA-256 of the request. */
  readonly request: Buffer;
  readonly status: number;
  readonly answer: string | null;
}

/**
 * Stores an answer, over one that is too old. Nothing is stored for a user that the request itself has deleted; the lock
 * makes a concurrent deletion of the user wait, or waits for it.
 */
export const keepAnswer = statement()({
  name: 'keep_idempotent_answer',
  text: `
  insert into idempotency_keys (user_id, key, request, status, answer)
  select id, $2, $3::bytea, $4::smallint, $5 from users where id = $1::uuid for key share
  on conflict (user_id, key) do update
  set request = excluded.request, status = excluded.status, answer = excluded.answer, created_at = excluded.created_at`,
  values: ({ user, key, request, status, answer }: KeptAnswer) => [user, key, request, status, answer],
});
