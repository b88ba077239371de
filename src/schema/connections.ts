import { noToken } from '../errors.ts';
import type { Notification } from '../notifications/model.ts';
import { countNotifications, pageOfNotifications } from '../notifications/read.ts';
import type { Filter } from '../query/filter-input.ts';
import type { PageArguments } from '../query/page.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { NotificationsFilter } from './filters.ts';
import { listArguments } from './list-arguments.ts';
import { DirectusNotification } from './notifications.ts';
import { columnsBelow } from './selection.ts';

/** One notification in a list, with its position. */
interface Edge {
  readonly cursor: string;
  readonly node: Notification;
}

interface Connection {
  readonly edges: readonly Edge[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly count: () => Promise<number>;
}

async function connect(context: GraphQLContext, columns: readonly string[], args: PageArguments): Promise<Connection> {
  const { rows, hasNext, hasPrevious } = await pageOfNotifications(context, columns, args);
  return {
    edges: rows.map((placed) => ({
      node: placed.row,
      get cursor() {
        return placed.cursor;
      },
    })),
    pageInfo: {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      get startCursor() {
        return rows[0]?.cursor ?? null;
      },
      get endCursor() {
        return rows.at(-1)?.cursor ?? null;
      },
    },
    count: () => countNotifications(context, { filter: args.filter, search: args.search }),
  };
}

const NotificationConnection = builder.connectionObject(
  {
    type: DirectusNotification,
    name: 'NotificationConnection',
    description: 'A page of notifications with cursors.',
    fields: (t) => ({
      totalCount: t.int({
        description: 'Number of matching notifications on all pages; counted only if selected.',
        // Both fields below return our own connections.
        resolve: (connection) => (connection as unknown as Connection).count(),
      }),
    }),
  },
  { name: 'NotificationEdge', description: 'A notification in a list, and its cursor.' },
);

/** Restricts a filter to the viewer's own inbox. */
function inInbox({ viewer }: GraphQLContext, filter: Filter | null | undefined): Filter {
  if (viewer.kind === 'anonymous') throw noToken();
  const inbox = [{ recipient: { id: { _eq: viewer.id } } }, { status: { _eq: 'inbox' } }];
  return { _and: filter === null || filter === undefined ? inbox : [...inbox, filter] };
}

const newestFirst = ['-timestamp'];

builder.queryFields((t) => {
  const { filter, sort, search } = listArguments(t.arg, NotificationsFilter);
  const columnsOfNodes = (info: Parameters<typeof columnsBelow>[0]) => columnsBelow(info, ['edges', 'node'], 'id');
  return {
    notifications_connection: t.connection(
      {
        type: DirectusNotification,
        description:
          'The notifications that the caller may see, with cursors: rows created or deleted meanwhile do not shift the pages. `first` and `last` have the same maximum as `limit`.',
        args: { filter, sort, search },
        resolve: (_root, args, context, info) => connect(context, columnsOfNodes(info), args),
      },
      NotificationConnection,
    ),
    inbox_connection: t.connection(
      {
        type: DirectusNotification,
        description:
          'The caller’s own inbox with cursors, without archived notifications; newest first unless `sort` is given.',
        args: { filter, sort, search },
        resolve: (_root, args, context, info) =>
          connect(context, columnsOfNodes(info), {
            ...args,
            filter: inInbox(context, args.filter),
            sort: args.sort?.some((name) => name?.trim()) ? args.sort : newestFirst,
          }),
      },
      NotificationConnection,
    ),
  };
});
