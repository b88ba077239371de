import type { Row } from '../database/row.ts';
import type { Delivery as DeliveryRecord } from '../generated/prisma/client.ts';

/**
 * One row of the delivery log: a message to one user by one method, with the names of the API. Times are ISO-8601 UTC
 * text. `status` is `leased` while a node has leased the delivery, and `status_reason` then names the node.
 */
export type Delivery = Pick<
  Row<DeliveryRecord>,
  | 'id'
  | 'template_id'
  | 'user_id'
  | 'method'
  | 'status'
  | 'status_reason'
  | 'attempt_count'
  | 'next_retry_after'
  | 'targets'
  | 'created_by'
  | 'created_at'
  | 'updated_at'
  | 'rule'
>;
