import type { User } from '../generated/prisma/client.ts';

/** What each column of `users` is called in a record. */
export const properties = {
  id: 'id',
  email: 'email',
  username: 'username',
  first_name: 'firstName',
  last_name: 'lastName',
  title: 'title',
  location: 'location',
  description: 'description',
  avatar: 'avatar',
  language: 'language',
  role: 'role',
  status: 'status',
  email_notifications: 'emailNotifications',
  last_access: 'lastAccess',
  password_hash: 'passwordHash',
} as const satisfies Readonly<Record<string, keyof User>>;

/** A column that a field of a user can be made of. */
export type UserColumn = keyof typeof properties;

export const columnNames = Object.keys(properties) as UserColumn[];
