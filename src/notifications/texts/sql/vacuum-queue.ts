import { statement } from '../../../database/statement.ts';

/** Vacuums the queue, because every search reads its dead entries. */
export const vacuumQueue = statement<object>()({
  name: 'vacuum_text_queue',
  isPlannedEachTime: true,
  text: 'vacuum notification_text_queue',
  values: () => [],
});
