import { describe, expect, it } from '@jest/globals';
import { aReceiver } from '../dispatch/receiver.ts';
import { templates } from '../dispatch/stage.ts';
import { afterwards } from '../faults/afterwards.ts';
import { adminToken, ask, dataOf } from '../faults/live-requests.ts';
import { aCollector, type ReceivedSpan } from './collector.ts';
import { aTracedService } from './stage.ts';

const callersTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpan = '00f067aa0ba902b7';
const authorization = `Bearer ${adminToken}`;

/** A service, its collector, and the receiver of its webhooks. */
async function aStage(environment: Readonly<Record<string, string>> = {}) {
  const collector = await aCollector();
  afterwards(collector.close);
  const receiver = await aReceiver();
  afterwards(receiver.close);
  const service = await aTracedService(collector.url, {
    WEBHOOK_ENDPOINT: receiver.url,
    NOTIFICATIONS_METHOD: 'webhook',
    ...environment,
  });
  return { ...service, collector, receiver };
}

const sendDocument = `mutation Send($data: send_notification_input!) { send_notification(data: $data) { id } }`;
const text = 'the-secret-name-of-a-workspace';

async function sendTo(url: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const { users } = await dataOf(ask(url, '{ users(limit: 1) { id } }'));
  const data = {
    template: templates.workspaceDeleted,
    recipients: [users[0].id],
    labels: { name: text, reason: 'autodeleted', initiator: 'autobuild' },
  };
  const reply = await fetch(`${url}/graphql/system`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: sendDocument, variables: { data } }),
  });
  expect(await reply.json()).toMatchObject({ data: { send_notification: [expect.anything(), expect.anything()] } });
}

const isOf = (name: string) => (span: ReceivedSpan) => span.name === name;
/** The spans of the trace of the mutation, once both deliveries are sent. */
async function traceOfSend({ until }: Awaited<ReturnType<typeof aCollector>>): Promise<readonly ReceivedSpan[]> {
  const spans = await until((all) => all.some(isOf('deliver webhook')) && all.some(isOf('deliver inbox')));
  const operation = spans.find(isOf('mutation send_notification'));
  return spans.filter(({ traceId }) => traceId === operation?.traceId);
}

describe('the traces of a service', () => {
  it('one mutation that sends is one trace, from the request through the deliveries to the webhook', async () => {
    const { url, collector, receiver } = await aStage();

    await sendTo(url);

    const trace = await traceOfSend(collector);
    const named = (name: string) => trace.find(isOf(name)) as ReceivedSpan;
    const request = named('POST /graphql/system');
    const operation = named('mutation send_notification');
    expect(request).toMatchObject({
      parentId: '',
      service: 'tidings',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/graphql/system',
        'http.response.status_code': 200,
        'tidings.request_id': expect.stringMatching(/./),
      },
    });
    expect(operation).toMatchObject({
      parentId: request.id,
      attributes: {
        'graphql.operation.type': 'mutation',
        'graphql.operation.name': 'Send',
        'tidings.operation.price': expect.any(Number),
      },
    });
    expect(named('delivery.enqueue')).toMatchObject({
      parentId: operation.id,
      attributes: { 'db.system.name': 'postgresql', 'db.query.summary': 'delivery.enqueue' },
    });
    for (const method of ['webhook', 'inbox']) {
      const delivery = named(`deliver ${method}`);
      expect(delivery).toMatchObject({
        parentId: operation.id,
        attributes: {
          'tidings.delivery.method': method,
          'tidings.delivery.attempt': 1,
          'tidings.delivery.outcome': 'sent',
        },
      });
      const below = trace.filter(({ parentId }) => parentId === delivery.id).map(({ name }) => name);
      expect(below.sort()).toEqual(['lease', 'render', `send ${method}`]);
    }
    const [webhook] = receiver.requests;
    expect(webhook?.headers['traceparent']).toBe(`00-${request.traceId}-${named('send webhook').id}-01`);
  });

  it("a caller's trace continues through the request to the deliveries", async () => {
    const { url, collector, receiver } = await aStage();

    await sendTo(url, { traceparent: `00-${callersTrace}-${callersSpan}-01`, tracestate: 'vendor=value' });

    const trace = await traceOfSend(collector);
    expect(trace[0]?.traceId).toBe(callersTrace);
    expect(trace.find(isOf('POST /graphql/system'))?.parentId).toBe(callersSpan);
    expect(trace.map(({ name }) => name)).toEqual(expect.arrayContaining(['delivery.enqueue', 'send webhook']));
    expect(receiver.requests[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${callersTrace}-[\\da-f]{16}-01$`));
  });

  it('a trace that the caller does not record is not recorded here, and its context is passed on to the webhook', async () => {
    const { url, collector, receiver } = await aStage();

    await sendTo(url, { traceparent: `00-${callersTrace}-${callersSpan}-00` });
    await receiver.received(1);
    await ask(url, '{ users_me { id } }');

    await collector.until((spans) => spans.some(isOf('query users_me')));
    expect(collector.spans.filter(({ traceId }) => traceId === callersTrace)).toEqual([]);
    expect(receiver.requests[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${callersTrace}-[\\da-f]{16}-00$`));
  });

  it('an invalid traceparent is ignored', async () => {
    const { url, collector } = await aStage();

    await fetch(`${url}/healthz`, { headers: { traceparent: `00-${'0'.repeat(32)}-${callersSpan}-01` } });

    const spans = await collector.until((all) => all.some(isOf('GET /healthz')));
    expect(spans.find(isOf('GET /healthz'))).toMatchObject({
      parentId: '',
      traceId: expect.not.stringMatching(/^0*$/),
    });
  });

  it('the span of a failed operation has its error code, and the span of a failed request its status', async () => {
    const { url, collector } = await aStage();

    await ask(url, '{ users(sort: ["nothing"]) { id } }');
    await fetch(`${url}/notifications?sort=nothing`, { headers: { authorization } });

    const spans = await collector.until((all) => all.filter(isOf('GET /notifications')).length === 1);
    expect(spans.find(isOf('query users'))).toMatchObject({
      hasFailed: true,
      attributes: { 'error.type': 'FORBIDDEN' },
    });
    expect(spans.find(isOf('GET /notifications'))?.attributes).toMatchObject({ 'http.response.status_code': 403 });
  });

  it('a list over REST records its operation and its statement', async () => {
    const { url, collector } = await aStage();

    await fetch(`${url}/notifications?limit=5`, { headers: { authorization } });

    const spans = await collector.until((all) => all.some(isOf('GET /notifications')));
    const request = spans.find(isOf('GET /notifications'));
    const operation = spans.find(({ parentId }) => parentId === request?.id);
    expect(operation?.name).toBe('query notifications');
    expect(spans.filter(({ parentId }) => parentId === operation?.id).map(({ name }) => name)).toEqual([
      'notification.query',
    ]);
  });

  it('spans contain no token, no text and no address of a person', async () => {
    const { url, collector, stop } = await aStage({ APP_NAME: 'Nobody' });
    const unsubscribeToken = 'the.token.of.an.unsubscribe.link';

    await sendTo(url);
    await fetch(`${url}/notifications?access_token=${adminToken}&search=${text}`);
    await fetch(`${url}/unsubscribe/${unsubscribeToken}`);
    await fetch(`${url}/no/such/${text}`, { headers: { authorization } });
    await ask(url, `query { notifications(search: "${text}") { id } }`);
    await ask(url, `mutation { create_users_item(data: { email: "${text}@example.com", token: "short" }) { id } }`);
    await traceOfSend(collector);
    await stop();

    const sent = collector.posts.map(({ body }) => body.toString()).join();
    expect(collector.spans.map(({ name }) => name)).toContain('GET /unsubscribe/:token');
    for (const secret of [adminToken, text, unsubscribeToken, '@example.com', 'admin-password']) {
      expect(sent).not.toContain(secret);
    }
  });
});
