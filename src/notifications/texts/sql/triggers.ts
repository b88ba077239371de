/** Maximum milliseconds that writers may wait while triggers are created; then it is retried. */
const lockTimeoutMs = 250;

/** The table is locked against writers while triggers change. This fails if a writing transaction takes long. */
export const boundLockTime = `set local lock_timeout = '${lockTimeoutMs}ms'`;
export const lockTable = 'lock table notifications in share row exclusive mode';

// `always`: also fire for replicas and for loads with `session_replication_role = replica`.
const triggers = [
  ['notifications_queue_new_texts', 'after insert', 'referencing new table as touched for each statement', ''],
  ['notifications_queue_gone_texts', 'after delete', 'referencing old table as touched for each statement', ''],
  [
    'notifications_queue_changed_text',
    'after update of subject, message, collection, item',
    'for each row',
    `when ((old.subject, old.message, old.collection, old.item)
           is distinct from (new.subject, new.message, new.collection, new.item))`,
  ],
] as const;

/** Creates the triggers that queue changes. */
export const createTriggers = triggers.flatMap(([name, event, each, when]) => {
  const call = `execute function ${each.endsWith('row') ? 'queue_notification_text' : 'queue_notification_texts'}()`;
  return [
    `create or replace trigger ${name} ${event} on notifications ${each} ${when} ${call}`,
    `alter table notifications enable always trigger ${name}`,
  ];
});

export const dropTriggers = triggers.map(([name]) => `drop trigger if exists ${name} on notifications`);
