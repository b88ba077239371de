import type { Action } from '../../src/auth/rights.ts';

/** The fields of an object. Whoever is given the object reads the `plain` ones; nobody reads the `secret` ones. */
interface ObjectFields {
  readonly plain: string;
  readonly secret?: string;
}

/** Every object type and its fields. The rows of root fields say who is given an object. */
export const objectFields: Readonly<Record<string, ObjectFields>> = {
  datetime_functions: { plain: 'year month week day weekday hour minute second' },
  directus_users: {
    plain:
      'node_id id first_name last_name email username external_id location title description avatar language timezone status role last_access last_access_func email_notifications role_object avatar_object policies tags last_page provider external_identifier appearance theme_light theme_dark theme_light_overrides theme_dark_overrides text_direction',
    secret: 'password token tfa_secret auth_data',
  },
  notification_actions: { plain: 'label url' },
  directus_notifications: {
    plain:
      'node_id id timestamp status recipient sender subject message collection item timestamp_func recipient_key sender_key uuid read_at read_at_func template_id targets icon subject_plain subject_format message_plain actions deliveries template state seen saved_at snoozed_until archived_at expires_at shown_at original_timestamp',
  },
  directus_notifications_aggregated_count: {
    plain: 'id timestamp status recipient sender subject message collection item uuid read_at template_id',
  },
  directus_notifications_aggregated_fields: { plain: 'id' },
  directus_notifications_aggregated: {
    plain: 'group countAll count countDistinct avg sum avgDistinct sumDistinct min max row',
  },
  directus_users_aggregated_count: {
    plain:
      'id external_id first_name last_name email username password location title description avatar language timezone status role token last_access email_notifications',
  },
  directus_users_aggregated: { plain: 'group countAll count countDistinct row' },
  auth_tokens: { plain: 'access_token expires refresh_token' },
  sessions: { plain: 'id user_id created_at last_used_at expires_at ip user_agent current' },
  audit_entries: { plain: 'id at actor action user_id details' },
  user_erasures: { plain: 'user_id completed' },
  user_export_lines: { plain: 'type data' },
  delete_one: { plain: 'id' },
  delete_many: { plain: 'ids' },
  access_tokens: { plain: 'id user_id name scopes token created_at last_used_at expires_at' },
  revoked_sessions: { plain: 'user_id revoked_at' },
  viewer: { plain: 'user role scopes expires_at' },
  token_issuers: {
    plain:
      'id issuer jwks_url has_secret audience clock_skew user_claim user_key name_claim email_claim role_claim scopes creates_users',
  },
  minted_tokens: { plain: 'token user_id scopes expires_at' },
  signing_keys: { plain: 'id created_at' },
  directus_roles: {
    plain: 'id name admin_access app_access icon description parent children policies users enforce_tfa ip_access',
  },
  directus_files: {
    plain:
      'id storage filename_disk filename_download title type folder uploaded_by uploaded_on created_on modified_by modified_on charset filesize width height duration embed description location tags metadata focal_point_x focal_point_y tus_id tus_data',
  },
  directus_access: { plain: 'id role user policy sort' },
  user_upserts: { plain: 'index status id field code reason' },
  notification_deliveries: {
    plain:
      'node_id id template_id user_id method status status_reason attempt_count next_retry_after targets created_by created_at updated_at explanation',
  },
  skipped_deliveries: { plain: 'recipient method reason rule' },
  explanations: { plain: 'channel verdict rule until steps' },
  explanation_steps: { plain: 'rule passed source' },
  notification_categories: { plain: 'key name description required_channels default_channels hidden' },
  preference_cells: { plain: 'category template channel on locked because' },
  quiet_hours: { plain: 'timezone windows breakthrough held_until' },
  quiet_windows: { plain: 'days from until' },
  enqueued_notifications: { plain: 'deliveries skipped' },
  notification_dispatch_methods: { plain: 'available default configured' },
  inbox: { plain: 'notifications unread_count total_count unseen_count saved_count snoozed_count cursor' },
  inbox_operations: { plain: 'id action undoes changed skipped undoable_until inbox' },
  inbox_change: {
    plain: 'kind notification key unread_count total_count unseen_count saved_count snoozed_count cursor',
  },
  notification_preferences: { plain: 'node_id id template_id disabled updated_at' },
  notification_unsubscriptions: { plain: 'template_name channel unsubscribed undoable locked' },
  notification_settings: { plain: 'notifier_paused changed' },
  notification_templates: {
    plain: 'node_id id name title_template body_template actions group method kind enabled_by_default changed category',
  },
  directus_notifications_mutated: { plain: 'key event data' },
  NotificationEdge: { plain: 'node cursor' },
  NotificationConnection: { plain: 'pageInfo edges totalCount' },
  PageInfo: { plain: 'hasNextPage hasPreviousPage startCursor endCursor' },
};

/** Every input type and its fields, by the action that writing them needs; `public`: they only select or compare. */
export const inputFields: Readonly<Record<string, Readonly<Partial<Record<Action | 'public', string>>>>> = {
  string_filter_operators: {
    public:
      '_eq _neq _contains _icontains _ncontains _starts_with _nstarts_with _istarts_with _nistarts_with _ends_with _nends_with _iends_with _niends_with _in _nin _null _nnull _empty _nempty',
  },
  id_filter_operators: {
    public:
      '_eq _neq _contains _icontains _ncontains _starts_with _nstarts_with _istarts_with _nistarts_with _ends_with _nends_with _iends_with _niends_with _in _nin _null _nnull _empty _nempty',
  },
  number_filter_operators: { public: '_eq _neq _gt _gte _lt _lte _in _nin _between _nbetween _null _nnull' },
  date_filter_operators: { public: '_eq _neq _gt _gte _lt _lte _in _nin _between _nbetween _null _nnull' },
  datetime_function_filter_operators: { public: 'year month week day weekday hour minute second' },
  boolean_filter_operators: { public: '_eq _neq _null _nnull' },
  hash_filter_operators: { public: '_null _nnull _empty _nempty' },
  id_list_filter_operators: { public: '_contains _ncontains' },
  directus_users_filter: {
    public:
      'id external_id first_name last_name email username password location title description avatar language timezone status role token last_access last_access_func email_notifications _and _or',
  },
  directus_notifications_filter: {
    public:
      'id timestamp timestamp_func status recipient sender subject message collection item uuid read_at read_at_func template_id targets _and _or',
  },
  create_directus_users_input: {
    'users.create':
      'id external_id first_name last_name email username location title description avatar language timezone status email_notifications',
    'users.set_credentials': 'password role token',
  },
  update_directus_users_input: {
    'users.update_own': 'language timezone email_notifications',
    'users.update_all': 'id external_id first_name last_name email username location title description avatar status',
    'users.set_credentials': 'password role token',
  },
  create_directus_notifications_input: {
    'notifications.create': 'id timestamp status recipient sender subject message collection item expires_at on_expiry',
  },
  update_directus_notifications_input: {
    'notifications.update_own': 'status',
    'notifications.update_all': 'id timestamp recipient sender subject message collection item',
  },
  change_inbox_input: { 'notifications.update_own': 'ids all_up_to filter action until' },
  inbox_filter: { public: 'states saved seen read templates targets categories search not' },
  create_access_token_input: { 'tokens.create': 'user name scopes expires_at' },
  save_issuer_input: {
    'issuers.write':
      'issuer jwks_url secret audience clock_skew user_claim user_key name_claim email_claim role_claim scopes creates_users',
  },
  mint_user_token_input: { 'tokens.mint': 'user expires_in scopes' },
  upsert_directus_users_input: {
    'users.create':
      'external_id email username first_name last_name location title description avatar language timezone status email_notifications',
    'users.set_credentials': 'role',
  },
  notification_deliveries_filter: { 'deliveries.read': 'status method user template' },
  send_notification_user_input: { 'users.create': 'external_id email username first_name last_name language timezone' },
  send_notification_input: {
    'deliveries.send': 'template title message recipients labels data targets expires_at on_expiry dedupe',
    'users.create': 'users',
  },
  category_input: {
    'templates.update': 'key name description required_channels default_channels hidden templates',
  },
  notification_choice_input: { 'preferences.update_own': 'category template channel choice' },
  quiet_hours_input: { 'preferences.update_own': 'timezone windows breakthrough' },
  quiet_window_input: { 'preferences.update_own': 'days from until' },
  notification_settings_input: { 'settings.update': 'notifier_paused' },
};
