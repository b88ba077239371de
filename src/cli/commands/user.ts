import { type Command, Option } from 'commander';
import { roles } from '../../roles.ts';
import { Failure, wrongUsage } from '../failure.ts';
import { findUsers, nameOf } from '../find-users.ts';
import { print, printJson, printRows, remark } from '../output.ts';
import { openService, type ServiceOptions, withService } from '../service.ts';
import { wholeNumber } from '../values.ts';
import { addUserData } from './user-data.ts';

interface ListOptions extends ServiceOptions {
  readonly role?: string;
  readonly status?: string;
  readonly search?: string;
  readonly limit: number;
}

interface AddOptions extends ServiceOptions {
  readonly username?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly role: string;
  readonly passwordStdin?: boolean;
}

const columns = {
  id: 'ID',
  email: 'E-MAIL',
  username: 'USERNAME',
  role: 'ROLE',
  status: 'STATUS',
  last_access: 'LAST ACCESS',
};
const role = new Option('--role <role>', 'only users with this role').choices([...roles]);

/** `tidings user` */
export function addUser(program: Command): void {
  const user = program.command('user').description('list, add, suspend, export and erase users');
  withService(user.command('list'))
    .description('list users, sorted by e-mail address')
    .addOption(role)
    .addOption(new Option('--status <status>').choices(['active', 'suspended']))
    .option('--search <text>', 'only users with this text in a field')
    .option('--limit <rows>', 'maximum number of rows', wholeNumber(1), 100)
    .action(list);
  withService(user.command('add'))
    .description('add a user')
    .argument('<email>', 'the e-mail address')
    .option('--username <name>')
    .option('--first-name <name>')
    .option('--last-name <name>')
    .addOption(new Option('--role <role>').choices([...roles]).default('member'))
    .option('--password-stdin', 'read a password from the first line of standard input')
    .action(add);
  for (const [verb, status, description] of [
    ['suspend', 'suspended', 'refuse the tokens and passwords of users, and send them nothing'],
    ['activate', 'active', 'let suspended users sign in again'],
  ] as const) {
    withService(user.command(verb))
      .description(description)
      .argument('<user...>', 'id, external id, e-mail address or username')
      .action((names: string[], options: ServiceOptions) => setStatus(names, status, options));
  }
  addUserData(user);
}

async function list({ role: ofRole, status, search, limit, ...options }: ListOptions): Promise<void> {
  const service = await openService(options);
  const filter = { ...(ofRole && { role: { _eq: ofRole } }), ...(status && { status: { _eq: status } }) };
  const { users } = await service.request<{ users: Record<string, unknown>[] }>(
    `query ($filter: directus_users_filter, $search: String, $limit: Int) {
      users(filter: $filter, search: $search, limit: $limit, sort: ["email", "id"]) {
        ${Object.keys(columns).join(' ')} first_name last_name } }`,
    { filter, search, limit },
  );
  printRows(users, { columns, isJson: options.json === true, empty: 'There are no such users.' });
}

async function add(email: string, options: AddOptions): Promise<void> {
  const service = await openService(options);
  const password = options.passwordStdin ? await firstLine() : undefined;
  const { create_users_item: created } = await service.request<{ create_users_item: { readonly id: string } | null }>(
    'mutation ($data: create_directus_users_input!) { create_users_item(data: $data) { id email username role } }',
    {
      data: {
        email,
        username: options.username,
        first_name: options.firstName,
        last_name: options.lastName,
        role: options.role,
        password,
      },
    },
  );
  if (created === null) throw new Failure('The service created the user but did not return it.');
  if (options.json) printJson(created);
  else print(created.id);
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw wrongUsage('--password-stdin: standard input is empty.');
  return line;
}

async function setStatus(names: readonly string[], status: string, options: ServiceOptions): Promise<void> {
  const service = await openService(options);
  const users = await findUsers(service, names);
  await service.request(
    `mutation ($ids: [ID]!, $data: update_directus_users_input!) {
      update_users_items(ids: $ids, data: $data, limit: 0) { id } }`,
    { ids: users.map(({ id }) => id), data: { status } },
  );
  if (options.json) printJson(users.map(({ id }) => ({ id, status })));
  else for (const user of users) remark(`${nameOf(user)} is ${status}.`);
}
