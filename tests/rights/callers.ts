import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { anonymous, type Role, roles, type Scope, scopes, userViewer, type Viewer } from '../../src/auth/viewer.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

/** Each role, a token of an admin for each single scope, and two who may do nothing. */
export const callerNames = [
  'anonymous',
  'suspended',
  ...roles,
  ...scopes.map((scope) => `+${scope}` as const),
] as const;
export type CallerName = (typeof callerNames)[number];

export interface Caller {
  readonly name: CallerName;
  /** Undefined: no token. */
  readonly token: string | undefined;
  /** Id of the user. */
  readonly id: string;
  /** A notification in the caller's own inbox. */
  readonly notification: Ids;
}

interface Ids {
  readonly id: string;
  readonly uuid: string;
  readonly node_id: string;
}

/** The service and the data that requests name. */
export interface World {
  readonly app: TestApp;
  readonly callers: readonly Caller[];
  /** A member who is none of the callers. */
  readonly other: Pick<Caller, 'id' | 'notification'>;
  /** Ids of templates. */
  readonly template: string;
  readonly delivery: { readonly id: string; readonly node_id: string };
  /** `node_id`s of objects that are not the callers'. */
  readonly nodes: Readonly<Record<'user' | 'preference' | 'template', string>>;
  /** Runs an operation as an admin without limits; `result` is its answer. */
  asAdmin(operation: string): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

const issuer = 'https://rights.example.com';
const secret = 's'.repeat(64);

/** A token of the host application. It is dated later, so that ending the sessions of its user does not revoke it. */
function tokenWithRole(user: string, role: Role): Promise<string> {
  return new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setAudience('tidings')
    .setSubject(user)
    .setIssuedAt(new Date(Date.now() + 3_600_000))
    .setExpirationTime('4 hours')
    .sign(new TextEncoder().encode(secret));
}

/** The viewer of a caller, for comparison with the matrix. */
export function viewerOf(name: CallerName): Viewer {
  if (name === 'anonymous' || name === 'suspended') return anonymous;
  const role = roles.find((one) => one === name);
  const limits = role === undefined ? [name.slice(1) as Scope] : null;
  return userViewer('somebody', role ?? 'admin', { kind: 'access_token', id: null, scopes: limits, expires_at: null });
}

/** @param environment variables of the service that differ from their defaults */
export async function createWorld(environment: Readonly<Record<string, string>> = {}): Promise<World> {
  const app = await startTestApp({ CODER_RATE_LIMIT: '0', WRONG_TOKEN_LIMIT: '100000', ...environment });
  const { admin, bob } = app.people;
  const run = async (operation: string, variables?: Readonly<Record<string, unknown>>) => {
    const { body } = await graphql(app, admin, operation, variables);
    if (body.errors) throw new Error(`${operation}: ${JSON.stringify(body.errors)}`);
    return body.data.result;
  };
  const notify = async (id: string): Promise<Ids> =>
    run(`mutation { result: create_notifications_item(data: { recipient: "${id}", subject: "Hello" }) {
      id uuid node_id } }`);
  const [{ id: template }] = await run('{ result: notification_templates(kind: "system") { id } }');
  const choose = (id: string) =>
    run(
      `mutation ($map: JSON!) {
        result: update_notification_preferences(user: "${id}", template_disabled_map: $map) { node_id } }`,
      { map: { [template]: false } },
    );
  const created = async (name: string, role: 'admin' | 'member' = 'member'): Promise<Omit<Caller, 'name'>> => {
    const token = `the-token-of-${name}-here`;
    const { id } = await run(`mutation { result: create_users_item(data: {
      email: "${name}@rights.example.com", role: "${role}", token: "${token}",
      status: "${name === 'suspended' ? name : 'active'}" }) { id } }`);
    await choose(id);
    return { id, token, notification: await notify(id) };
  };
  const people = new Map<string, Omit<Caller, 'name'>>();
  await run(`mutation { result: save_issuer(data: {
    issuer: "${issuer}", audience: ["tidings"], secret: "${secret}", user_key: id, role_claim: "role",
    scopes: [admin] }) { id } }`);
  for (const name of ['member', 'suspended']) people.set(name, await created(name));
  people.set('admin', await created('admin', 'admin'));
  // Only tokens of a host application have these roles.
  for (const role of ['operator', 'reader'] as const) {
    const person = await created(role);
    people.set(role, { ...person, token: await tokenWithRole(person.id, role) });
  }
  const unlimited = people.get('admin');
  if (unlimited === undefined) throw new Error('no admin was created');

  const limited = async (scope: Scope): Promise<Omit<Caller, 'name'>> => {
    const { token } = await run(`mutation { result: create_access_token(data: {
      user: "${unlimited.id}", name: "${scope}", scopes: [${scope}] }) { token } }`);
    return { ...unlimited, token };
  };
  for (const scope of scopes) people.set(`+${scope}`, await limited(scope));
  people.set('anonymous', { ...unlimited, token: undefined });

  const [preference] = await choose(bob.id);
  const { node_id: user } = await run(`{ result: users_by_id(id: "${bob.id}") { node_id } }`);
  const [{ node_id: templateNode }] = await run('{ result: notification_templates { node_id } }');
  await run('mutation { result: rotate_signing_keys { id } }');
  await run('mutation { result: send_test_notification }');
  const [delivery] = await run('{ result: notification_deliveries { id node_id } }');
  return {
    app,
    callers: callerNames.map((name) => {
      const person = people.get(name);
      if (person === undefined) throw new Error(`nobody is "${name}"`);
      return { name, ...person };
    }),
    other: { id: bob.id, notification: await notify(bob.id) },
    template,
    delivery,
    nodes: { user, preference: preference.node_id, template: templateNode },
    asAdmin: run,
    stop: () => app.stop(),
  };
}

/** A sign-in of the user. Returns its id. */
export async function newSession({ prisma }: TestApp['db'], user_id: string): Promise<string> {
  const id = randomUUID();
  const expires_at = new Date(Date.now() + 3_600_000);
  await prisma.session.create({ data: { id, user_id, sha256: randomBytes(32), expires_at } });
  return id;
}

/** `empty`: nothing of what was requested exists for the caller. */
export type Outcome = 'allowed' | 'empty' | 'refused';

const refusals: ReadonlySet<string> = new Set(['FORBIDDEN', 'INVALID_CREDENTIALS', 'INVALID_TOKEN', 'TOKEN_EXPIRED']);

const personOf = ({ id, token }: Caller) => (token === undefined ? {} : { as: { id, token } });

/** A GraphQL operation, with variables if it needs some. */
export type Operation = string | { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

/** The outcome of a GraphQL operation whose only field has the alias `result`. */
export async function askGraphQL({ app }: World, caller: Caller, operation: Operation): Promise<Outcome> {
  const request = typeof operation === 'string' ? { query: operation } : operation;
  const { status, body } = await send(app, '/graphql/system', { ...personOf(caller), body: request });
  const { code, type } = body.errors?.[0]?.extensions ?? {};
  if (code !== undefined && refusals.has(code)) return 'refused';
  if (code === 'GRAPHQL_VALIDATION' || code === 'INTERNAL_SERVER_ERROR' || (status !== 200 && code === undefined)) {
    throw new Error(`${request.query} as ${caller.name}: ${status} ${JSON.stringify(body)}`);
  }
  // A user whom the caller may not see is unknown.
  if (code === 'FAILED_VALIDATION' && type === 'unknown') return 'empty';
  const isAnswer = code === undefined && !request.query.startsWith('mutation');
  return isAnswer && isEmpty(body.data.result) ? 'empty' : 'allowed';
}

/** A request of a route. */
export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function askRest({ app }: World, caller: Caller, request: RestRequest): Promise<Outcome> {
  const { path, ...options } = request;
  const { status, body } = await send(app, path, { ...personOf(caller), ...options });
  // Coder's answer to whoever may not change a notification.
  if (status === 500 && path.endsWith('/read-status')) return 'refused';
  if (status >= 500) throw new Error(`${request.method} ${path} as ${caller.name}: ${status} ${JSON.stringify(body)}`);
  if (status === 401 || status === 403) return 'refused';
  // Coder hides what a caller may not use.
  if (status === 404 && path.startsWith('/api/v2/')) return 'empty';
  const isList = status === 200 && body !== null && typeof body === 'object' && 'data' in body;
  return isList && isEmpty(body.data) ? 'empty' : 'allowed';
}

function isEmpty(result: unknown): boolean {
  if (result === null || result === undefined) return true;
  if (Array.isArray(result)) return result.every(isEmpty);
  return typeof result === 'object' && ('countAll' in result || 'totalCount' in result)
    ? Object.values(result).every((count) => count === 0)
    : false;
}
