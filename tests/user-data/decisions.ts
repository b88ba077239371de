/**
 * What happens with the rows of a table, and with each of its columns, when the data of a user is exported or erased.
 * Every column is named exactly once.
 */
interface TableDecision {
  /** The columns that an export contains. */
  readonly exported?: string;
  /** The columns that it leaves out, by the reason. */
  readonly leftOut: Readonly<Partial<Record<Reason, string>>>;
  /**
   * The columns in which the id of the user stays after an erasure. The rows of a table without this, and without
   * `notPersonal`, hold nothing of the user afterwards.
   */
  readonly keepsIdIn?: string;
}

/**
 * `owner`: the id of the user. `secret`: passwords, tokens and their hashes. `internal`: counters, hashes and copies by
 * which the service works. `others`: it is about somebody else. `notPersonal`: it is not about a user.
 */
type Reason = 'owner' | 'secret' | 'internal' | 'others' | 'notPersonal';

/** Every table of the database. */
export const decisions: Readonly<Record<string, TableDecision>> = {
  users: {
    exported:
      'id external_id email username first_name last_name title location description avatar language timezone role status email_notifications last_access sessions_revoked_at suspended_at mails_unsubscribed_at created_at',
    leftOut: { secret: 'password_hash', internal: 'username_key' },
  },
  user_identities: { exported: 'issuer subject created_at', leftOut: { owner: 'user_id' } },
  access_tokens: {
    exported: 'id name scopes created_at last_used_at expires_at',
    leftOut: { owner: 'user_id', secret: 'sha256' },
  },
  sessions: {
    exported: 'id ip user_agent created_at last_used_at expires_at',
    leftOut: { owner: 'user_id', secret: 'sha256 previous_sha256', internal: 'previous_until' },
  },
  preferences: {
    exported: 'template_id disabled unsubscribed created_at updated_at',
    leftOut: { owner: 'user_id' },
  },
  choices: {
    exported: 'category_key template_id channel is_on undo_choice updated_at',
    leftOut: { owner: 'user_id', internal: 'id' },
  },
  quiet_hours: { exported: 'windows breakthrough updated_at', leftOut: { owner: 'user_id' } },
  inboxes: {
    exported: 'unread total',
    leftOut: { owner: 'recipient_id', internal: 'version purged_version seen_version' },
  },
  notifications: {
    exported:
      'id uuid recipient_id sender_id status read_at timestamp subject message collection item template_id targets icon actions saved_at snoozed_until archived_at expires_at on_expiry original_timestamp',
    leftOut: { internal: 'subject_written created_version version shown_version state_version' },
  },
  // What a bulk action changed, for ten minutes.
  inbox_operations: {
    leftOut: {
      owner: 'recipient_id',
      internal:
        'id action undoes base ids read_at saved_at status snoozed_until archived_at shown_version created_at undone_at',
    },
  },
  // Copies of what `notifications` holds.
  notification_texts: { leftOut: { internal: 'id text' } },
  notification_text_queue: { leftOut: { internal: 'key ids' } },
  notification_tombstones: { leftOut: { owner: 'recipient_id', internal: 'version id uuid deleted_at' } },
  deliveries: {
    exported:
      'id template_id notification_id method status status_reason rule attempt_count own_payload targets created_at updated_at next_retry_after retried_at',
    leftOut: { owner: 'user_id', internal: 'payload_id dedupe_hash traceparent', others: 'created_by' },
    // In the deliveries to others, until the retention of the log.
    keepsIdIn: 'created_by',
  },
  payloads: { exported: 'content', leftOut: { internal: 'id' } },
  queued_deliveries: { leftOut: { internal: 'delivery_id method status due_at lost_leases' } },
  delivery_leases: { leftOut: { internal: 'id method leased_by leased_until delivery_ids lost_leases' } },
  audit_log: {
    exported: 'id at action details',
    leftOut: { owner: 'user_id', others: 'actor' },
    keepsIdIn: 'user_id actor',
  },
  // Answers to others, which may name the user, are stored for IDEMPOTENCY_HOURS.
  idempotency_keys: {
    leftOut: { owner: 'user_id', internal: 'key request status answer created_at' },
    keepsIdIn: 'answer',
  },
  user_erasures: { leftOut: { owner: 'user_id', others: 'requested_by', internal: 'requested_at' } },
  templates: {
    leftOut: {
      notPersonal: 'id name title_template body_template actions group method kind enabled_by_default category_key',
    },
  },
  categories: {
    leftOut: {
      notPersonal: 'key name description required_channels default_channels hidden created_at updated_at',
    },
  },
  settings: { leftOut: { notPersonal: 'key value' } },
  notifier_pauses: { leftOut: { notPersonal: 'started_at ended_at' } },
  signing_keys: { leftOut: { notPersonal: 'id public_jwk private_key created_at' } },
  token_issuers: {
    leftOut: {
      notPersonal:
        'id issuer jwks_url secret audience clock_skew user_claim user_key name_claim email_claim role_claim scopes creates_users updated_at',
    },
  },
};

/** The fields of the lines of an export, by type. */
export const lineFields: Readonly<Record<string, string>> = {
  export: 'version user_id exported_at',
  profile:
    'id external_id email username first_name last_name title location description avatar language timezone role status email_notifications last_access sessions_revoked_at suspended_at mails_unsubscribed_at created_at has_password',
  identity: 'issuer subject created_at',
  token: 'id name scopes created_at last_used_at expires_at',
  session: 'id ip user_agent created_at last_used_at expires_at',
  preference: 'template_id disabled unsubscribed created_at updated_at',
  choice: 'category_key template_id channel is_on undo_choice updated_at',
  quiet_hours: 'windows breakthrough updated_at',
  inbox: 'unread total',
  notification:
    'id uuid sender_id status read_at timestamp subject message collection item template_id targets icon actions saved_at snoozed_until archived_at expires_at on_expiry original_timestamp',
  sent_notification: 'id uuid recipient_id timestamp subject message collection item',
  delivery:
    'id template_id notification_id method status status_reason rule attempt_count payload targets created_at updated_at next_retry_after retried_at',
  audit_entry: 'id at action details',
  end: 'lines',
};

/** The field of a line that holds a column under another name. */
export const renamed: Readonly<Record<string, string>> = { own_payload: 'payload', content: 'payload' };

export const words = (text = ''): string[] => text.split(' ').filter((word) => word !== '');
