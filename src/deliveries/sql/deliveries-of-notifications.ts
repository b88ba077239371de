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
  text: `with ${heldSql}, named as (select * from unnest($1::bigint[], $2::uuid[]) as named (id, uuid))
           select named.id as notification, ${columns} from named join deliveries d on d.notification_id = named.id ${joinHeld}
           union
           select named.id, ${columns} from named join deliveries d on d.id = named.uuid ${joinHeld}
           order by notification, created_at`,
  values: (notifications: readonly { readonly id: number; readonly uuid: string }[]) => [
    notifications.map(({ id }) => id),
    notifications.map(({ uuid }) => uuid),
  ],
});
