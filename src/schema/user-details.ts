import { builder } from './builder.ts';
import { DirectusUser } from './users.ts';

/** Columns of Directus that this service does not store are null when named, and not part of `*`. */
const absent = {
  nullable: true,
  description: 'Always null. Exists for clients of Directus that select it.',
  extensions: { directus: { star: false, readableBy: 'member', kind: 'plain' } },
  resolve: () => null,
} as const;
const kept = { directus: { star: true, readableBy: 'member', kind: 'plain' } } as const;

type Absent = Readonly<Record<string, 'String' | 'Int' | 'Boolean' | 'Date' | 'JSON' | 'Hash'>>;

/** The fields of `columns` with their types. */
function absentFields<Field>(columns: Absent, field: (type: Absent[string]) => Field): Record<string, Field> {
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, field(type)]));
}

/** A role consists of its name only. */
const DirectusRole = builder.objectRef<string>('directus_roles').implement({
  description: 'What a user may do. `id` and `name` are both `admin`, `operator`, `reader` or `member`.',
  fields: (t) => ({
    id: t.id({ extensions: kept, resolve: (role) => role }),
    name: t.string({ extensions: kept, resolve: (role) => role }),
    admin_access: t.boolean({ extensions: kept, resolve: (role) => role === 'admin' }),
    app_access: t.boolean({ extensions: kept, resolve: () => true }),
    ...absentFields(
      {
        icon: 'String',
        description: 'String',
        parent: 'String',
        children: 'JSON',
        policies: 'JSON',
        users: 'JSON',
        enforce_tfa: 'Boolean',
        ip_access: 'JSON',
      },
      (type) => t.field({ ...absent, type }),
    ),
  }),
});

/** Files are not stored here, only the key of an avatar. */
const DirectusFile = builder.objectRef<string>('directus_files').implement({
  description: 'A file. This service stores only its key.',
  fields: (t) => ({
    id: t.id({ extensions: kept, resolve: (file) => file }),
    ...absentFields(
      {
        storage: 'String',
        filename_disk: 'String',
        filename_download: 'String',
        title: 'String',
        type: 'String',
        folder: 'String',
        uploaded_by: 'String',
        uploaded_on: 'Date',
        created_on: 'Date',
        modified_by: 'String',
        modified_on: 'Date',
        charset: 'String',
        filesize: 'String',
        width: 'Int',
        height: 'Int',
        duration: 'Int',
        embed: 'String',
        description: 'String',
        location: 'String',
        tags: 'JSON',
        metadata: 'JSON',
        focal_point_x: 'Int',
        focal_point_y: 'Int',
        tus_id: 'String',
        tus_data: 'JSON',
      },
      (type) => t.field({ ...absent, type }),
    ),
  }),
});

const DirectusAccess = builder.objectRef<never>('directus_access').implement({
  description: 'A policy of a user or a role. This service has none.',
  fields: (t) =>
    absentFields({ id: 'String', role: 'String', user: 'String', policy: 'String', sort: 'Int' }, (type) =>
      t.field({ ...absent, type }),
    ),
});

builder.objectFields(DirectusUser, (t) => ({
  role_object: t.field({
    type: DirectusRole,
    nullable: true,
    description: 'The role as an object; in REST `role.name`.',
    extensions: { columns: ['role'] },
    resolve: ({ role }) => role,
  }),
  avatar_object: t.field({
    type: DirectusFile,
    nullable: true,
    description: 'The avatar as an object; in REST `avatar.id`.',
    extensions: { columns: ['avatar'] },
    resolve: ({ avatar }) => avatar,
  }),
  policies: t.field({
    ...absent,
    type: [DirectusAccess],
    extensions: { directus: { star: false, readableBy: 'member', kind: 'relation' } },
  }),
  ...absentFields(
    {
      tags: 'JSON',
      tfa_secret: 'Hash',
      last_page: 'String',
      provider: 'String',
      external_identifier: 'String',
      auth_data: 'JSON',
      appearance: 'String',
      theme_light: 'String',
      theme_dark: 'String',
      theme_light_overrides: 'JSON',
      theme_dark_overrides: 'JSON',
      text_direction: 'String',
    },
    (type) => t.field({ ...absent, type }),
  ),
}));
