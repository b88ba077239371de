import { may } from '../auth/rights.ts';
import type { Collection, Field } from '../query/collection.ts';
import { staticTokenSql } from './sql/static-token.ts';

const field = (name: string, more: Partial<Field> = {}): [string, Field] => [
  name,
  { name, column: name, type: 'string', readableBy: 'member', searchable: true, ...more },
];

/**
 * The users collection, as callers filter and read it. Members see only their own row, without the fields marked
 * `admin`. `password` and `token` are concealed: filters can test whether they are set, but not read them.
 */
export const usersCollection: Collection = {
  name: 'directus_users',
  table: 'users',
  primaryKey: 'id',
  fields: new Map([
    field('id', { type: 'uuid' }),
    field('external_id'),
    field('first_name'),
    field('last_name'),
    field('email'),
    field('username'),
    field('password', { column: 'password_hash', type: 'hash', searchable: false }),
    field('location'),
    field('title'),
    field('description'),
    field('avatar', { type: 'uuid' }),
    field('language'),
    field('timezone'),
    field('status'),
    field('role'),
    field('token', {
      expression: staticTokenSql,
      type: 'hash',
      searchable: false,
      readableBy: 'admin',
    }),
    field('last_access', { type: 'timestamp', readableBy: 'admin', searchable: false }),
    field('email_notifications', { type: 'boolean', readableBy: 'admin', searchable: false }),
  ]),
  visibility: (viewer) => {
    if (may(viewer, 'users.read_all')) return { kind: 'all' };
    return may(viewer, 'users.read_own') ? { kind: 'own', column: 'id' } : { kind: 'none' };
  },
};
