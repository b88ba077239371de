import { type Command, Option } from 'commander';
import { awaitOutcomes, type Delivery } from '../await-outcomes.ts';
import { wrongUsage } from '../failure.ts';
import { findUsers } from '../find-users.ts';
import { print, printJson, printRows, remark } from '../output.ts';
import { openService, type Service, type ServiceOptions, withService } from '../service.ts';
import { collect, duration } from '../values.ts';

interface Options extends ServiceOptions {
  readonly title?: string;
  readonly message?: string;
  readonly template?: string;
  readonly label?: readonly string[];
  readonly data?: unknown;
  readonly target?: readonly string[];
  readonly dedupe: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
}

/** The enqueued and the skipped deliveries. */
interface Sent {
  readonly deliveries: readonly Delivery[];
  readonly skipped: readonly { readonly recipient: string; readonly method: string | null; readonly reason: string }[];
}

const deliveryColumns = { id: 'ID', user_id: 'USER', method: 'METHOD', status: 'STATUS', status_reason: 'REASON' };

/** `tidings send` */
export function addSend(program: Command): void {
  withService(program.command('send'))
    .description('send a text, or a template, to users')
    .argument('<user...>', 'id, external id, e-mail address or username')
    .option('--title <text>', 'the title of a text')
    .option('--message <text>', 'its message, in Markdown')
    .option('--template <template>', 'id or name of a template, instead of a text')
    .option('--label <name=value>', 'a label of the template; may be repeated', collect)
    .option('--data <json>', 'data of the template', parseData)
    .option('--target <id>', 'id of an object that the message is about, with --template; may be repeated', collect)
    .option('--no-dedupe', 'send a template again that was sent today with the same content')
    .option('--wait', 'wait for the outcome of the deliveries; exit with 1 unless all are sent')
    .addOption(new Option('--timeout <duration>', 'maximum time to wait').argParser(duration).default(60_000, '60s'))
    .addHelpText(
      'after',
      `
Examples:
  tidings send alice@example.com --title "Disk full" --message "No space left on **db-1**." --wait
  tidings send alice bob --template "Workspace Deleted" --label name=db-1 --label reason=unused`,
    )
    .action(send);
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrongUsage('--data must be JSON.');
  }
}

async function send(names: readonly string[], options: Options): Promise<void> {
  const { title, message, template, label, data, target } = options;
  const isText = title !== undefined || message !== undefined;
  if (isText === (template !== undefined)) throw wrongUsage('Give either --title and --message or --template.');
  if (isText && (label ?? data ?? target) !== undefined) {
    throw wrongUsage('--label, --data and --target belong to a template.');
  }
  const service = await openService(options);
  const ids = (await findUsers(service, names)).map(({ id }) => id);
  const started = performance.now();
  const sent = isText ? await sendText(service, ids, options) : await sendTemplate(service, ids, options);
  const left = () => options.timeout - (performance.now() - started);
  const deliveries = options.wait ? await awaitOutcomes(service, sent.deliveries, left) : sent.deliveries;
  report({ ...sent, deliveries }, options);
}

async function sendText(service: Service, ids: readonly string[], { title, message }: Options): Promise<Sent> {
  const items = ids.map((recipient) => ({ recipient, subject: title, message }));
  const { create_notifications_items: created } = await service.request<{
    create_notifications_items: readonly { readonly deliveries: readonly Delivery[] }[];
  }>(
    `mutation ($items: [create_directus_notifications_input]) {
      create_notifications_items(data: $items, limit: -1) { deliveries { ${Object.keys(deliveryColumns).join(' ')} } } }`,
    { items },
  );
  if (created.length < ids.length)
    remark(`${created.length} of the ${ids.length} notifications were returned; all were stored.`);
  return { deliveries: created.flatMap(({ deliveries }) => deliveries), skipped: [] };
}

async function sendTemplate(service: Service, ids: readonly string[], options: Options): Promise<Sent> {
  const template = await templateId(service, options.template ?? '');
  const labels = (options.label ?? []).map((text) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) throw wrongUsage(`--label must have the form name=value, not "${text}".`);
    return [name, value ?? ''] as const;
  });
  const { enqueue_notification: sent } = await service.request<{ enqueue_notification: Sent }>(
    `mutation ($data: send_notification_input!) { enqueue_notification(data: $data) {
      deliveries { ${Object.keys(deliveryColumns).join(' ')} } skipped { recipient method reason } } }`,
    {
      data: {
        template,
        recipients: ids,
        labels: Object.fromEntries(labels),
        data: options.data,
        targets: options.target,
        dedupe: options.dedupe,
      },
    },
  );
  return sent;
}

async function templateId(service: Service, name: string): Promise<string> {
  const { notification_templates: templates } = await service.request<{
    notification_templates: readonly { readonly id: string; readonly name: string }[];
  }>('{ notification_templates { id name } }');
  const found = templates.find((one) => one.id === name.toLowerCase() || one.name === name);
  if (found === undefined) {
    throw wrongUsage(
      `There is no template "${name}"; there are ${templates.map((one) => `"${one.name}"`).join(', ')}.`,
    );
  }
  return found.id;
}

function report({ deliveries, skipped }: Sent, { json, wait }: Options): void {
  if (json) printJson({ deliveries, skipped });
  else if (wait) {
    printRows(deliveries as unknown as Record<string, unknown>[], {
      columns: deliveryColumns,
      isJson: false,
      empty: 'Stored in the inbox; nothing had to be delivered.',
    });
  } else {
    for (const { id } of deliveries) print(id);
    if (deliveries.length === 0 && skipped.length === 0) remark('Stored in the inbox; nothing had to be delivered.');
  }
  if (!json)
    for (const { recipient, method, reason } of skipped)
      remark(`Skipped: ${recipient}, ${method ?? 'all methods'}: ${reason}.`);
  const unsent = deliveries.filter(({ status }) => status !== 'sent').length;
  if (wait && unsent > 0) {
    remark(`${unsent} of ${deliveries.length} deliveries were not sent.`);
    process.exitCode = 1;
  }
}
