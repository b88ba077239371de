import { statement } from '../../database/statement.ts';
import type { Delivery } from '../model.ts';
import { columns, joinLeased, leasedSql } from './fragments.ts';

/**
 * The deliveries of many notifications: the e-mails sent because of a notification (`notification_id`), and the
 * delivery that created it, whose id is the uuid of the notification. No relation of Prisma covers both.
 */
export const deliveriesOfNotifications = statement<Delivery & { readonly notification: number }>()({
  name: 'deliveries_of_notifications',
  isPlannedEachTime: true,
  text: `with ${leasedSql}, requested as (select * from unnest($1::bigint[], $2::uuid[]) as requested (id, uuid))
           select requested.id as notification, ${columns} from requested join deliveries d on d.notification_id = requested.id ${joinLeased}
           union
           select requested.id, ${columns} from requested join deliveries d on d.id = requested.uuid ${joinLeased}
           order by notification, created_at`,
  values: (notifications: readonly { readonly id: number; readonly uuid: string }[]) => [
    notifications.map(({ id }) => id),
    notifications.map(({ uuid }) => uuid),
  ],
});
