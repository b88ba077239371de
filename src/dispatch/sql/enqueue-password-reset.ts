import { statement } from '../../database/statement.ts';
import { newIdSql } from './fragments.ts';

/** A mail that resets a password. */
export interface ResetDelivery {
  readonly userId: string;
  /** The payload as JSON. */
  readonly payload: string;
  /** Equal for mails of which only the first is sent. */
  readonly dedupeHash: string;
  /** The first half of the new id; made by `idPrefix` in `payload.ts`. */
  readonly idPrefix: string;
}

/** Stores and queues the mail, unless one with the same hash is stored. The invariant is that of `enqueueDeliveries`. */
export const enqueuePasswordReset = statement<{ readonly count: number }>()({
  name: 'enqueue_password_reset',
  text: `
  with stored as (
    insert into deliveries (id, user_id, method, own_payload, dedupe_hash, created_by)
    select ${newIdSql('$1')}, id, 'smtp', $3::jsonb, $4, 'password-reset' from users where id = $2::uuid
    on conflict (dedupe_hash) do nothing
    returning id, method
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method) select id, method from stored
  )
  select count(*)::int as count from stored`,
  values: ({ userId, payload, dedupeHash, idPrefix }: ResetDelivery) => [idPrefix, userId, payload, dedupeHash],
});
