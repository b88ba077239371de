import { type Command, Option } from 'commander';
import { scopes } from '../../auth/viewer.ts';
import { Failure } from '../failure.ts';
import { findUsers, nameOf } from '../find-users.ts';
import { print, printJson, printRows, remark } from '../output.ts';
import { openService, type Service, type ServiceOptions, withService } from '../service.ts';
import { duration } from '../values.ts';

interface CreateOptions extends ServiceOptions {
  readonly scope?: string[];
  readonly expiresIn?: number;
}

interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[] | null;
  readonly token?: string;
}

const columns = {
  id: 'ID',
  name: 'NAME',
  scopes: 'SCOPES',
  created_at: 'CREATED',
  last_used_at: 'LAST USED',
  expires_at: 'EXPIRES',
};
const fields = Object.keys(columns).join(' ');
const userHelp = 'id, external id, e-mail address or username';

/** `tidings token` */
export function addToken(program: Command): void {
  const token = program.command('token').description('create, list and revoke tokens of users');
  withService(token.command('create'))
    .description('create a token and print it; it is shown only now')
    .argument('<user>', userHelp)
    .argument('<name>', 'a name, such as ci; unique among the tokens of the user')
    .addOption(new Option('--scope <scope...>', 'the rights that it is limited to; all by default').choices(scopes))
    .option('--expires-in <duration>', 'such as 12h or 90d; it does not expire otherwise', duration)
    .action(create);
  withService(token.command('list')).description('list the tokens of a user').argument('<user>', userHelp).action(list);
  withService(token.command('revoke'))
    .description('revoke a token, and close the connections opened with it')
    .argument('<user>', userHelp)
    .argument('<token>', 'its id or its name')
    .action(revoke);
}

async function create(user: string, name: string, { expiresIn, scope, ...options }: CreateOptions): Promise<void> {
  const service = await openService(options);
  const [found] = await findUsers(service, [user]);
  const expires_at = expiresIn === undefined ? undefined : new Date(Date.now() + expiresIn).toISOString();
  const { create_access_token: created } = await service.request<{ create_access_token: Token }>(
    `mutation ($data: create_access_token_input!) { create_access_token(data: $data) { ${fields} token } }`,
    { data: { user: found?.id, name, scopes: scope, expires_at } },
  );
  if (options.json) printJson(created);
  else print(created.token ?? '');
}

async function list(user: string, options: ServiceOptions): Promise<void> {
  const service = await openService(options);
  const { tokens } = await read(service, user);
  const isJson = options.json === true;
  const rows = tokens.map((token) => ({ ...token, scopes: token.scopes?.join(' ') ?? 'everything' }));
  printRows(isJson ? (tokens as unknown as Record<string, unknown>[]) : rows, {
    columns,
    isJson,
    empty: 'The user has no token.',
  });
}

async function read(service: Service, user: string) {
  const [found] = await findUsers(service, [user]);
  const { access_tokens: tokens } = await service.request<{ access_tokens: readonly Token[] }>(
    `query ($user: ID) { access_tokens(user: $user) { ${fields} } }`,
    { user: found?.id },
  );
  return { name: found === undefined ? user : nameOf(found), tokens };
}

async function revoke(user: string, wanted: string, options: ServiceOptions): Promise<void> {
  const service = await openService(options);
  const { name, tokens } = await read(service, user);
  const token = tokens.find((one) => one.id === wanted.toLowerCase() || one.name === wanted);
  if (token === undefined) throw new Failure(`${name} has no token "${wanted}".`);
  await service.request('mutation ($id: ID!) { revoke_access_token(id: $id) { id } }', { id: token.id });
  if (options.json) printJson({ id: token.id, name: token.name });
  else remark(`The token "${token.name}" of ${name} is revoked.`);
}
