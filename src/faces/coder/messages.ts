import { z } from 'zod';
import { orElse, readBody } from './body.ts';
import { badRequest, failures } from './errors.ts';
import { noContent, route } from './route.ts';

const written = orElse(z.string(), '');
const Custom = z.object({ content: orElse(z.object({ title: written, message: written }).nullable(), null) });

/** Sends the caller a notification that shows that sending works. */
export const sendTest = route({
  method: 'POST',
  path: '/notifications/test',
  document: 'mutation { send_test_notification }',
  render: noContent,
  failures: failures.test,
});

/** Sends the caller a notification in words of their own. */
export const sendCustom = route({
  method: 'POST',
  path: '/notifications/custom',
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
