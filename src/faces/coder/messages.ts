import { z } from 'zod';
import { readBody, withDefault } from './body.ts';
import { badRequest, failures } from './errors.ts';
import { noContent, route } from './route.ts';

const textField = withDefault(z.string(), '');
const Custom = z.object({ content: withDefault(z.object({ title: textField, message: textField }).nullable(), null) });

/** Sends the caller a test notification. */
export const sendTest = route({
  method: 'POST',
  path: '/notifications/test',
  summary: 'Send the caller a test notification; for admins and operators',
  tag: 'Messages',
  answers: [204],
  document: 'mutation { send_test_notification }',
  render: noContent,
  failures: failures.test,
});

/** Sends the caller a notification with a title and message from the request. */
export const sendCustom = route({
  method: 'POST',
  path: '/notifications/custom',
  summary: 'Send the caller a notification in their own words',
  tag: 'Messages',
  body: Custom,
  answers: [204],
  document: `mutation ($title: String!, $message: String!) {
    send_custom_notification(title: $title, message: $message) }`,
  variables({ body }) {
    const { content } = readBody(body, Custom);
    if (content === null) throw badRequest({ message: 'Invalid request body', detail: 'content is required' });
    return content;
  },
  render: noContent,
  failures: failures.custom,
});
