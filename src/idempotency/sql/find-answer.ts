import { statement } from '../../database/statement.ts';

/** A stored answer; `is_same` says whether it belongs to the request that was asked for. */
export interface FoundAnswer {
  readonly is_same: boolean;
  readonly status: number;
  readonly answer: string | null;
}

/** Reads the answer of a user's key, unless it is older than this many hours. */
export const findAnswer = statement<FoundAnswer>()({
  name: 'find_idempotent_answer',
  text: `
  select request = $3::bytea as is_same, status, answer from idempotency_keys
  where user_id = $1::uuid and key = $2 and created_at > now() - make_interval(secs => 3600 * $4::float8)`,
  values: (user: string, key: string, request: Buffer, hours: number) => [user, key, request, hours],
});
