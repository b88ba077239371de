import { z } from 'zod';
import { changed, itemsOf } from './answer-schemas.ts';
import { flag, readBody } from './body.ts';
import { badRequest, failures } from './errors.ts';
import {
  describeNotification,
  markdownFields,
  type SelectedNotification,
  toInboxNotification,
} from './notification.ts';
import { idOf } from './parameters.ts';
import { coderQuery, text, uuid, uuidList } from './query.ts';
import { noContent, ok, route } from './route.ts';

const readStatuses: ReadonlySet<string> = new Set(['all', 'read', 'unread']);
/** The parameter that selects read notifications, unread ones, or all. */
export const readStatus = text('all', readStatuses);

const ListQuery = coderQuery({
  targets: uuidList(),
  templates: uuidList(),
  read_status: readStatus,
  starting_before: uuid(),
});

const ReadStatus = z.object({ is_read: flag });

/** @throws CoderError for an unknown value. Like Coder's own message, it names the wrong parameter. */
export function assertReadStatus(value: string): void {
  if (readStatuses.has(value)) return;
  throw badRequest({ message: "starting_before query parameter should be any of 'all', 'read', 'unread'." });
}

/** Lists a page of the caller's inbox, newest first. */
export const listInbox = route<{
  readonly inbox: { readonly notifications: readonly SelectedNotification[]; readonly unread_count: number };
}>({
  method: 'GET',
  path: '/notifications/inbox',
  summary: 'List a page of the caller’s inbox, newest first',
  tag: 'Inbox',
  query: ListQuery,
  answers: [200],
  answer: ({ inbox = {} }) => changed(inbox, { notifications: itemsOf(describeNotification) }),
  document: `query ($read_status: read_status, $targets: [ID!], $templates: [ID!], $starting_before: ID) {
    inbox(
      read_status: $read_status, targets: $targets, templates: $templates, starting_before: $starting_before,
      until_now: true
    ) {
      notifications { ${markdownFields} } unread_count } }`,
  variables({ query }) {
    const variables = ListQuery(query);
    assertReadStatus(variables.read_status);
    return variables;
  },
  render: ({ inbox }) => ok({ ...inbox, notifications: inbox.notifications.map(toInboxNotification) }),
  failures: failures.list,
});

/** Marks all notifications in the caller's inbox as read. */
export const markAllAsRead = route({
  method: 'PUT',
  path: '/notifications/inbox/mark-all-as-read',
  summary: 'Mark everything in the caller’s inbox as read',
  tag: 'Inbox',
  answers: [204],
  document: 'mutation { mark_all_notifications_as_read { unread_count } }',
  render: noContent,
  failures: failures.markAll,
});

/** Marks one notification as read or unread. */
export const setReadStatus = route<{
  readonly set: { readonly notification: SelectedNotification; readonly unread_count: number };
}>({
  method: 'PUT',
  path: '/notifications/inbox/:id/read-status',
  summary: 'Mark one notification as read or unread',
  tag: 'Inbox',
  body: ReadStatus,
  answers: [200],
  answer: ({ set = {} }) => changed(set, { notification: describeNotification }),
  document: `mutation ($id: ID!, $is_read: Boolean!) {
    set: set_notification_read_status(id: $id, is_read: $is_read) {
      notification { ${markdownFields} } unread_count } }`,
  variables: ({ parameters, body }) => ({ id: idOf(parameters, 'id'), ...readBody(body, ReadStatus) }),
  render: ({ set }) => ok({ ...set, notification: toInboxNotification(set.notification) }),
  failures: failures.readStatus,
});
