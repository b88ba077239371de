/** The rows of one table that belong to a user, as lines of an export with this type. */
export interface Section {
  readonly type: string;
  /** The tables, as in `from`. */
  readonly from: string;
  /** The column with the id of the user, `$1`; or a condition that uses it. */
  readonly where: string;
  readonly orderBy: string;
  /** Columns of the exported rows: expressions by name, or the columns themselves. */
  readonly columns: readonly string[];
}

const section = (type: string, from: string, rest: Omit<Section, 'type' | 'from'>): Section => ({
  type,
  from,
  ...rest,
});

/**
 * What an export contains, in its order. A test compares it with all columns of the database: a new column needs an
 * entry there, and here if it is a user's data.
 */
export const sections: readonly Section[] = [
  section('profile', 'users', {
    where: 'id = $1::uuid',
    orderBy: 'id',
    columns: [
      'id',
      'external_id',
      'email',
      'username',
      'first_name',
      'last_name',
      'title',
      'location',
      'description',
      'avatar',
      'language',
      'timezone',
      'role',
      'status',
      'email_notifications',
      'last_access',
      'sessions_revoked_at',
      'suspended_at',
      'mails_unsubscribed_at',
      'created_at',
      'password_hash is not null as has_password',
    ],
  }),
  section('identity', 'user_identities', {
    where: 'user_id = $1::uuid',
    orderBy: 'issuer, subject',
    columns: ['issuer', 'subject', 'created_at'],
  }),
  section('token', 'access_tokens', {
    where: 'user_id = $1::uuid',
    orderBy: 'id',
    columns: ['id', 'name', 'scopes', 'created_at', 'last_used_at', 'expires_at'],
  }),
  section('session', 'sessions', {
    where: 'user_id = $1::uuid',
    orderBy: 'id',
    columns: ['id', 'ip', 'user_agent', 'created_at', 'last_used_at', 'expires_at'],
  }),
  section('preference', 'preferences', {
    where: 'user_id = $1::uuid',
    orderBy: 'template_id',
    columns: ['template_id', 'disabled', 'unsubscribed', 'created_at', 'updated_at'],
  }),
  section('choice', 'choices', {
    where: 'user_id = $1::uuid',
    orderBy: 'id',
    columns: ['category_key', 'template_id', 'channel', 'is_on', 'undo_choice', 'updated_at'],
  }),
  section('quiet_hours', 'quiet_hours', {
    where: 'user_id = $1::uuid',
    orderBy: 'user_id',
    columns: ['windows', 'breakthrough', 'updated_at'],
  }),
  section('inbox', 'inboxes', {
    where: 'recipient_id = $1::uuid',
    orderBy: 'recipient_id',
    columns: ['unread', 'total'],
  }),
  section('notification', 'notifications', {
    where: 'recipient_id = $1::uuid',
    orderBy: 'id',
    columns: [
      'id',
      'uuid',
      'sender_id',
      'status',
      'read_at',
      'timestamp',
      'subject',
      'message',
      'collection',
      'item',
      'template_id',
      'targets',
      'icon',
      'actions',
      'saved_at',
      'snoozed_until',
      'archived_at',
      'expires_at',
      'on_expiry',
      'original_timestamp',
    ],
  }),
  // What the recipient did with it is the recipient's data.
  section('sent_notification', 'notifications', {
    where: 'sender_id = $1::uuid and recipient_id <> $1::uuid',
    orderBy: 'id',
    columns: ['id', 'uuid', 'recipient_id', 'timestamp', 'subject', 'message', 'collection', 'item'],
  }),
  section('delivery', 'deliveries left join payloads on payloads.id = deliveries.payload_id', {
    where: 'user_id = $1::uuid',
    orderBy: 'deliveries.id',
    columns: [
      'deliveries.id',
      'template_id',
      'notification_id',
      'method',
      'status',
      'status_reason',
      'rule',
      'attempt_count',
      `coalesce(payloads.content, '{}') || coalesce(own_payload, '{}') as payload`,
      'targets',
      'created_at',
      'updated_at',
      'next_retry_after',
      'retried_at',
    ],
  }),
  section('audit_entry', 'audit_log', {
    where: 'user_id = $1::uuid',
    orderBy: 'id',
    columns: ['id', 'at', 'action', 'details'],
  }),
];
