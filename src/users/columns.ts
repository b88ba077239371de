import type { User } from '../generated/prisma/client.ts';

/** The property of Prisma's record for each column of `users`. */
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

/** A column that can be read for a list of users. */
export type UserColumn = keyof typeof properties;

export const columnNames = Object.keys(properties) as UserColumn[];
