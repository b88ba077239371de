import { type Command, Option } from 'commander';
import { wrongUsage } from '../failure.ts';
import { findUsers } from '../find-users.ts';
import { printRows, remark } from '../output.ts';
import { openService, type Service, type ServiceOptions, withService } from '../service.ts';
import { wholeNumber } from '../values.ts';

interface FilterOptions extends ServiceOptions {
  readonly status?: readonly string[];
  readonly method?: readonly string[];
  readonly user?: string;
  readonly template?: string;
}

interface ListOptions extends FilterOptions {
  readonly limit: number;
  readonly after?: string;
}

const columns = {
  id: 'ID',
  created_at: 'CREATED',
  method: 'METHOD',
  status: 'STATUS',
  attempt_count: 'ATTEMPTS',
  user_id: 'USER',
  status_reason: 'REASON',
};
const fields = `${Object.keys(columns).join(' ')} template_id next_retry_after updated_at`;
const statuses = ['pending', 'leased', 'sent', 'temporary_failure', 'permanent_failure', 'inhibited'];

/** `tidings deliveries` */
export function addDeliveries(program: Command): void {
  const deliveries = program.command('deliveries').description('list deliveries, and retry those that failed');
  withFilter(withService(deliveries.command('list')))
    .description('list the delivery log, newest first')
    .option('--limit <rows>', 'maximum number of rows, up to 1000', wholeNumber(1), 50)
    .option('--after <id>', 'the last delivery of the previous page')
    .action(list);
  withFilter(withService(deliveries.command('retry')))
    .description('queue deliveries again that failed for good or expired')
    .argument('[id...]', 'deliveries; or give a filter')
    .action(retry);
}

function withFilter(command: Command): Command {
  return command
    .addOption(new Option('--status <status...>', 'only with one of these statuses').choices(statuses))
    .addOption(new Option('--method <method...>', 'only by one of these methods').choices(['smtp', 'webhook', 'inbox']))
    .option('--user <user>', 'only to this user: id, external id, e-mail address or username')
    .option('--template <id>', 'only of this template');
}

async function filterOf(service: Service, { status, method, user, template }: FilterOptions) {
  const [found] = user === undefined ? [] : await findUsers(service, [user]);
  const filter = { status, method, user: found?.id, template };
  return Object.values(filter).some((value) => value !== undefined) ? filter : undefined;
}

async function list({ limit, after, ...options }: ListOptions): Promise<void> {
  const service = await openService(options);
  const filter = await filterOf(service, options);
  const { notification_deliveries: rows } = await service.request<{
    notification_deliveries: Record<string, unknown>[];
  }>(
    `query ($filter: notification_deliveries_filter, $limit: Int, $after: String) {
      notification_deliveries(filter: $filter, limit: $limit, after: $after) { ${fields} } }`,
    { filter, limit, after },
  );
  printRows(rows, { columns, isJson: options.json === true, empty: 'There are no such deliveries.' });
}

async function retry(ids: readonly string[], options: FilterOptions): Promise<void> {
  const service = await openService(options);
  const filter = await filterOf(service, options);
  if ((ids.length === 0) === (filter === undefined)) {
    throw wrongUsage('Give either the ids of deliveries or a filter, such as --status permanent_failure.');
  }
  const { retry_deliveries: queued } = await service.request<{ retry_deliveries: Record<string, unknown>[] }>(
    `mutation ($ids: [ID!], $filter: notification_deliveries_filter) {
      retry_deliveries(ids: $ids, filter: $filter) { ${fields} } }`,
    ids.length > 0 ? { ids } : { filter },
  );
  printRows(queued, { columns, isJson: options.json === true, empty: 'Nothing to retry.' });
  if (!options.json && queued.length > 0) remark(`Queued ${queued.length} again.`);
}
