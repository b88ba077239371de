import { assertMayRead } from '../notifications/access.ts';
import type { VisibleEvent } from '../notifications/write-events.ts';
import { builder } from './builder.ts';
import { DirectusNotification } from './notifications.ts';

const EventEnum = builder.enumType('EventEnum', { values: ['create', 'update', 'delete'] as const });

const Mutated = builder.objectRef<VisibleEvent>('directus_notifications_mutated').implement({
  description: 'An event about one notification.',
  fields: (t) => ({
    key: t.id({ resolve: (change) => (change.kind === 'delete' ? change.id : change.notification.id) }),
    event: t.field({ type: EventEnum, nullable: true, resolve: ({ kind }) => kind }),
    data: t.field({
      type: DirectusNotification,
      nullable: true,
      description: 'The current notification; null if it was deleted.',
      resolve: (change) => (change.kind === 'delete' ? null : change.notification),
    }),
  }),
});

builder.subscriptionField('directus_notifications_mutated', (t) =>
  t.field({
    type: Mutated,
    nullable: true,
    description: 'Every create, update and delete, from now on, of a notification that the caller may see.',
    args: { event: t.arg({ type: EventEnum }) },
    subscribe: (_root, { event }, { viewer, notificationEvents }) => {
      assertMayRead(viewer);
      return notificationEvents.subscribe(viewer, event);
    },
    resolve: (change) => change,
  }),
);
