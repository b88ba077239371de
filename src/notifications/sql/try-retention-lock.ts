import { lockKeys } from '../../database/lock-keys.ts';
import { statement } from '../../database/statement.ts';

/** Takes the lock that lets only one node purge old notifications, unless another node holds it, for the transaction. */
export const tryRetentionLock = statement<{ readonly has_lock: boolean }>()({
  name: 'try_retention_lock',
  text: 'select pg_try_advisory_xact_lock($1) as has_lock',
  values: () => [lockKeys.retention],
});
