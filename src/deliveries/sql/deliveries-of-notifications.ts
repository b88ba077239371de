import { statement } from '../../database/statement.ts';
import type { Delivery } from '../model.ts';
import { columns, heldSql, joinHeld } from './fragments.ts';

/**
 * The deliveries of many notifications: those that followed from one (`notification_id`) and the one that created it,
 * whose id is the notification's uuid. No relation of Prisma spans both.
 */
export const deliveriesOfNotifications = statement<Delivery & { readonly notification: number }>()({
  name: 'deliveries_of_notifications',
  isPlannedEachTime: true,
  text: `with ${heldSql}, requested as (select * from unnest($1::bigint[], $2::uuid[]) as requested (id, uuid))
           select requested.id as notification, ${columns} from requested join deliveries d on d.notification_id = requested.id ${joinHeld}
           union
           select requested.id, ${columns} from requested join deliveries d on d.id = requested.uuid ${joinHeld}
           order by notification, created_at`,
  values: (notifications: readonly { readonly id: number; readonly uuid: string }[]) => [
    notifications.map(({ id }) => id),
    notifications.map(({ uuid }) => uuid),
  ],
});
