import type { User } from '../generated/prisma/client.ts';

/** The columns of `users` that can be read for a list of users. */
export const columnNames = [
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
  'password_hash',
] as const satisfies readonly (keyof User)[];

export type UserColumn = (typeof columnNames)[number];
