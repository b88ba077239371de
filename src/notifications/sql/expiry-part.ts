/**
 * CTEs that another folder adds to the statements that archive or delete expired notifications, separated by commas. They
 * read `expired (id, uuid, recipient_id)`, one row for each of them.
 */
export interface ExpiryPart {
  /** Suffix of the prepared statement's name. */
  readonly name: string;
  readonly text: string;
}

/** Which expired notifications to change: those of locked inboxes, at most `most`. */
export interface ExpiryRequest {
  readonly recipients: readonly string[];
  readonly now: Date;
  readonly most: number;
}

/** SQL for the expired rows. @param condition on `on_expiry` */
export const expiredRows = (condition: string) => `
  expired as materialized (
    select id, uuid, recipient_id, status, read_at from notifications
    where recipient_id = any ($1::uuid[]) and expires_at <= $2::timestamptz and ${condition}
    order by expires_at limit $3::bigint
  ),
  steps as materialized (
    select recipient_id, id, -(status = 'inbox' and read_at is null)::int as unread, -(status = 'inbox')::int as total
    from expired
  )`;

export const expiryValues = ({ recipients, now, most }: ExpiryRequest) => [recipients, now.toISOString(), most];
