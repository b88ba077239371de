import type { IncomingMessage } from 'node:http';
import type { Captured } from './captured.ts';

const maxBytes = 1_000_000;

/** Reads a posted webhook. @throws Error when it is too large or not JSON */
export async function readWebhook(request: IncomingMessage): Promise<Omit<Captured, 'id' | 'at'>> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > maxBytes) throw new Error('The body is too large.');
  }
  const message = JSON.parse(body);
  return {
    kind: 'webhook',
    to: message.payload?.user_email ?? '',
    subject: message.title ?? message.payload?.notification_name ?? 'Webhook',
    headers: Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value) => [name, value] as const),
    ),
    text: JSON.stringify(message, null, 2),
    html: undefined,
  };
}
