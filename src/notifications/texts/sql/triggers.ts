/** The triggers that queue changes of texts: name, event, granularity (statement or row), condition. */
export const triggers = [
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
