/** The columns of users that an upsert writes, with their types. */
export const upsertedColumns = {
  external_id: 'text',
  email: 'text',
  username: 'text',
  first_name: 'text',
  last_name: 'text',
  title: 'text',
  location: 'text',
  description: 'text',
  avatar: 'uuid',
  language: 'text',
  timezone: 'text',
  role: 'text',
  status: 'text',
  email_notifications: 'boolean',
} as const;

export const upsertedNames = Object.keys(upsertedColumns);
