import { triggers } from './triggers.ts';

/**
 * Creates the triggers that queue changes, with two statements for each. The second statement makes the trigger fire on
 * replicas too, and in sessions with `session_replication_role = replica`. The SQL is composed, because names and
 * events cannot be parameters.
 */
export const createTriggers = triggers.flatMap(([name, event, each, when]) => {
  const call = `execute function ${each.endsWith('row') ? 'queue_notification_text' : 'queue_notification_texts'}()`;
  return [
    `create or replace trigger ${name} ${event} on notifications ${each} ${when} ${call}`,
    `alter table notifications enable always trigger ${name}`,
  ];
});
