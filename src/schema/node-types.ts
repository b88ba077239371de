import { may } from '../auth/rights.ts';
import { deliveriesById } from '../deliveries/log.ts';
import type { Delivery } from '../deliveries/model.ts';
import type { Notification } from '../notifications/model.ts';
import { notificationsByKey } from '../notifications/read.ts';
import { preferencesByKey } from '../preferences/read.ts';
import { type TemplateRecord, templatesById } from '../templates/read.ts';
import { type UserRecord, usersByKey } from '../users/read.ts';
import { parseUuid, parseWholeNumber } from '../values.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { NotificationDelivery } from './deliveries.ts';
import { DirectusNotification } from './notifications.ts';
import { NotificationPreference } from './preferences.ts';
import { NotificationTemplate } from './templates.ts';
import { DirectusUser } from './users.ts';

/** A type whose objects can be read by `node_id`. */
export interface NodeType {
  /** Whether a key has the form of this type's keys. */
  readonly isKey: (key: string) => boolean;
  /** The existing objects that the viewer may see, by key; `columns` are the selected ones. */
  readonly read: (
    context: GraphQLContext,
    keys: readonly string[],
    columns: readonly string[],
  ) => Promise<ReadonlyMap<string, object>>;
}

const isUuid = (key: string) => parseUuid(key) === key;

const pairOf = (key: string) => {
  const [user_id = '', template_id = ''] = key.split(':');
  return { user_id, template_id };
};
const keyOfPair = ({ user_id, template_id }: ReturnType<typeof pairOf>) => `${user_id}:${template_id}`;

/** The types with a `node_id`, by name. */
export const nodeTypes: ReadonlyMap<string, NodeType> = new Map<string, NodeType>([
  [
    DirectusNotification.name,
    {
      isKey: (key) => {
        const number = parseWholeNumber(key);
        return number !== null && Number.isSafeInteger(number) && String(number) === key;
      },
      async read(context, keys, columns) {
        const rows = await notificationsByKey(context, keys.map(Number), columns);
        return new Map([...rows].map(([key, row]) => [String(key), row]));
      },
    },
  ],
  [DirectusUser.name, { isKey: isUuid, read: (context, keys, columns) => usersByKey(context, keys, {}, columns) }],
  [NotificationTemplate.name, { isKey: isUuid, read: templatesById }],
  [
    NotificationDelivery.name,
    {
      isKey: isUuid,
      async read(context, keys) {
        const deliveries = may(context.viewer, 'deliveries.read') ? await deliveriesById(context, keys) : [];
        return new Map(deliveries.map((delivery) => [delivery.id, delivery]));
      },
    },
  ],
  [
    NotificationPreference.name,
    {
      isKey: (key) => {
        const pair = pairOf(key);
        return isUuid(pair.user_id) && isUuid(pair.template_id) && keyOfPair(pair) === key;
      },
      async read(context, keys) {
        const preferences = await preferencesByKey(context, keys.map(pairOf));
        return new Map(preferences.map((preference) => [keyOfPair(preference), preference]));
      },
    },
  ],
]);

const columns = ['id'];
builder.nodeRef(DirectusNotification, { id: { resolve: ({ id }: Notification) => id, extensions: { columns } } });
builder.nodeRef(DirectusUser, { id: { resolve: ({ id }: UserRecord) => id, extensions: { columns } } });
builder.nodeRef(NotificationTemplate, { id: { resolve: ({ id }: TemplateRecord) => id } });
builder.nodeRef(NotificationDelivery, { id: { resolve: ({ id }: Delivery) => id } });
builder.nodeRef(NotificationPreference, { id: { resolve: keyOfPair } });
