import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { schema } from '../../src/schema/schema.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { send } from '../support/client.ts';

const app = useTestApp();

interface Keyed {
  readonly as?: Person | undefined;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** In the extensions. */
  readonly key?: unknown;
  /** In the header. */
  readonly header?: string;
}

const run = ({ as = app().people.admin, key, header, ...operation }: Keyed) =>
  send(app(), '/graphql/system', {
    as,
    body: { ...operation, ...(key !== undefined && { extensions: { idempotencyKey: key } }) },
    ...(header !== undefined && { headers: { 'idempotency-key': header } }),
  });

const create = `mutation ($recipient: directus_users_key!, $subject: String!) {
  create_notifications_item(data: { recipient: $recipient, subject: $subject }) { id subject recipient { email } } }`;
const toAlice = (subject: string) => ({ recipient: app().people.alice.id, subject });
const replayed = (reply: { readonly headers: Headers }) => reply.headers.get('idempotency-replayed');
const countOf = (subject: string) => app().db.prisma.notification.count({ where: { subject } });

describe('a repeated mutation over HTTP', () => {
  it.each([
    ['the extensions', (key: string) => ({ key })],
    ['the header', (header: string) => ({ header })],
  ])('with a key in %s it happens once, and the repetition gets the same answer', async (_where, keyed) => {
    const subject = randomUUID();
    const operation = { query: create, variables: toAlice(subject), ...keyed(randomUUID()) };

    const first = await run(operation);
    const second = await run(operation);

    expect(first.body).toMatchObject({ data: { create_notifications_item: { subject } } });
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect([replayed(first), replayed(second)]).toEqual([null, 'true']);
    expect(await countOf(subject)).toBe(1);
  });

  it('header and extension name the same key', async () => {
    const key = randomUUID();
    const operation = { query: create, variables: toAlice(key) };

    await run({ ...operation, key });
    const second = await run({ ...operation, header: `"${key}"` });

    expect(replayed(second)).toBe('true');
  });

  it('the spaces of the document do not matter', async () => {
    const key = randomUUID();
    await run({ query: create, variables: toAlice(key), key });

    const second = await run({ query: create.replace(/\s+/g, ' '), variables: toAlice(key), key });

    expect(replayed(second)).toBe('true');
  });

  it.each([
    ['variables', { variables: { recipient: 'alice@example.com', subject: 'another' } }],
    ['selection', { query: create.replace('id subject', 'id') }],
  ])('a request with other %s and the same key is refused with 422', async (_what, other) => {
    const key = randomUUID();
    await run({ query: create, variables: toAlice(key), key });

    const reply = await run({ query: create, variables: toAlice(key), key, ...other });

    expect(reply).toMatchObject({
      status: 422,
      body: { errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }] },
    });
    expect(await countOf(key)).toBe(1);
  });

  it('all fields of an operation happen once', async () => {
    const subject = randomUUID();
    const query = `mutation ($recipient: directus_users_key!, $subject: String!) {
      one: create_notifications_item(data: { recipient: $recipient, subject: $subject }) { id }
      other: create_notifications_item(data: { recipient: $recipient, subject: $subject }) { id } }`;
    const key = randomUUID();

    const first = await run({ query, variables: toAlice(subject), key });
    const second = await run({ query, variables: toAlice(subject), key });

    expect(second.body).toEqual(first.body);
    expect(await countOf(subject)).toBe(2);
  });

  it('if one field fails nothing has happened, and the key is free', async () => {
    const subject = randomUUID();
    const query = `mutation ($recipient: directus_users_key!, $subject: String!, $id: ID!) {
      create_notifications_item(data: { recipient: $recipient, subject: $subject }) { id }
      update_notifications_item(id: $id, data: { status: "archived" }) { id } }`;
    const { body } = await run({ query: create, variables: toAlice('to archive') });
    const key = randomUUID();

    const failed = await run({ query, variables: { ...toAlice(subject), id: '2000000000' }, key });
    const countAfterFailure = await countOf(subject);
    const id = body.data.create_notifications_item.id;
    const corrected = await run({ query, variables: { ...toAlice(subject), id }, key });

    expect(failed.body).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(countAfterFailure).toBe(0);
    expect(corrected.body.errors).toBeUndefined();
    expect(await countOf(subject)).toBe(1);
  });

  it('a message is queued once, and the repetition gets the ids of the same deliveries', async () => {
    const title = randomUUID();
    const message = {
      query: `mutation ($title: String!) { enqueue_notification(
        data: { title: $title, message: "Hello", recipients: ["alice@example.com", "bob@example.com"], dedupe: false }
      ) { deliveries { id } } }`,
      variables: { title },
      key: randomUUID(),
    };

    const first = await run(message);
    const second = await run(message);

    expect(first.body.data.enqueue_notification.deliveries).toHaveLength(2);
    expect(second.body).toEqual(first.body);
  });

  it('the key of a caller who is not signed in is ignored', async () => {
    const { body } = await send(app(), '/graphql/system', {
      body: { query: 'mutation { auth_login(email: "alice@example.com", password: "wrong") { expires } }' },
      headers: { 'idempotency-key': randomUUID() },
    });

    expect(body.errors[0].extensions.code).toBe('INVALID_CREDENTIALS');
  });

  it.each([
    ['mint_user_token', 'mint_user_token(data: { user: "me", expires_in: 60 }) { token }'],
    ['create_access_token', 'create_access_token(data: { name: "a token" }) { token }'],
    ['rotate_signing_keys', 'rotate_signing_keys { id }'],
    ['auth_login', 'auth_login(email: "alice@example.com", password: "password") { access_token }'],
    ['auth_refresh', 'auth_refresh(refresh_token: "token") { access_token }'],
    ['auth_logout', 'auth_logout(refresh_token: "token")'],
    ['auth_password_request', 'auth_password_request(email: "alice@example.com")'],
    ['auth_password_reset', 'auth_password_reset(token: "token", password: "a-new-password")'],
  ])('%s takes no key: it returns a secret or writes alone', async (name, field) => {
    const reply = await run({ query: `mutation { ...all } fragment all on Mutation { ${field} }`, key: randomUUID() });

    expect(reply).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_PAYLOAD' } }] } });
    expect(reply.body.errors[0].message).toContain(`"${name}" takes no idempotency key`);
  });

  it('exactly the mutations that are listed above take no key', () => {
    const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
    const refusing = fields.filter(({ extensions }) => 'takesNoKey' in extensions).map(({ name }) => name);

    expect(refusing.sort()).toEqual([
      'auth_login',
      'auth_logout',
      'auth_password_request',
      'auth_password_reset',
      'auth_refresh',
      'create_access_token',
      'mint_user_token',
      'rotate_signing_keys',
    ]);
  });

  it.each([
    ['header', { header: '"' }, 'Idempotency-Key'],
    ['extension', { key: 42 }, 'extensions.idempotencyKey'],
  ])('a malformed %s is refused with 400, and the error names it', async (_what, keyed, name) => {
    const reply = await run({ query: create, variables: toAlice('malformed'), ...keyed });

    expect(reply).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_PAYLOAD' } }] } });
    expect(reply.body.errors[0].message).toContain(`"${name}"`);
    expect(await countOf('malformed')).toBe(0);
  });

  it('the key of a query is ignored', async () => {
    const key = randomUUID();
    const first = await run({ query: '{ users_me { id } }', key });
    const second = await run({ query: '{ users_me { email } }', key, header: key });

    expect([first.body.errors, second.body.errors]).toEqual([undefined, undefined]);
    expect(replayed(second)).toBeNull();
  });

  it('a token of the user with other rights does not get the stored answer', async () => {
    const { admin } = app().people;
    const { body } = await run({
      query: 'mutation { create_access_token(data: { user: "me", name: "sender", scopes: [send] }) { token } }',
    });
    const limited = { id: admin.id, token: body.data.create_access_token.token };
    const key = randomUUID();
    await run({ query: create, variables: toAlice(key), key });

    const reply = await run({ as: limited, query: create, variables: toAlice(key), key });

    expect(reply.status).toBe(422);
  });
});

describe('a repeated mutation over a socket', () => {
  const clients: Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
  });

  const mutate = async (subject: string, key: string) => {
    const url = `${app().url.replace('http', 'ws')}/graphql/system`;
    const connectionParams = { access_token: app().people.admin.token };
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
    clients.push(client);
    const operation = { query: create, variables: toAlice(subject), extensions: { idempotencyKey: key } };
    return (await client.iterate(operation).next()).value;
  };

  it('it happens once, and the repetition says that it is one', async () => {
    const key = randomUUID();

    const first = await mutate(key, key);
    const second = await mutate(key, key);

    expect(first).toMatchObject({ data: { create_notifications_item: { subject: key } } });
    expect(second).toEqual({ ...first, extensions: { idempotencyReplayed: true } });
    expect(await countOf(key)).toBe(1);
  });

  it('a request over HTTP with the same key gets the same answer', async () => {
    const key = randomUUID();

    const first = await mutate(key, key);
    const second = await run({ query: create, variables: toAlice(key), header: key });

    expect(second.body.data).toEqual(first?.data);
    expect(replayed(second)).toBe('true');
  });

  it('another operation with the same key is refused', async () => {
    const key = randomUUID();
    await mutate(key, key);

    const other = await mutate('another', key);

    expect(other).toMatchObject({ data: null, errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }] });
  });
});
