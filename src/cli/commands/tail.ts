import { once } from 'node:events';
import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { plain, print, remark } from '../output.ts';
import { openService, type ServiceOptions, withService } from '../service.ts';
import { wholeNumber } from '../values.ts';

interface Options extends ServiceOptions {
  readonly last: number;
  readonly unread?: boolean;
}

/** `tidings tail` */
export function addTail(program: Command): void {
  withService(program.command('tail'), { hasJson: false })
    .description('print the inbox of the token’s user, and what arrives in it, until Ctrl-C')
    .option('--last <count>', 'how many existing notifications to print first', wholeNumber(0), 10)
    .option('--unread', 'only unread notifications')
    .option('--json', 'print one line of JSON per notification')
    .action(tail);
}

const firstPage = 25;

async function tail({ last, unread = false, json = false, ...options }: Options): Promise<void> {
  const service = await openService(options);
  const { createInbox } = await import('tidings/client');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let reason: string | undefined;
  const inbox = createInbox({
    url: service.endpoint,
    token: service.token,
    transport: 'sse',
    filter: unread ? { read_status: 'unread' } : {},
    pageSize: Math.min(Math.max(last, firstPage), 1000),
    onError({ message }) {
      reason = message;
    },
  });
  // The highest key received: keys grow, and a page may be read again after a lost connection.
  let highest = -1n;
  let isFirst = true;
  let refusal: string | undefined;
  inbox.subscribe(({ items, status }) => {
    if (status === 'refused') {
      refusal = 'The service refused the token.';
      stop.abort();
    }
    if (status === 'waiting' && reason !== undefined) {
      remark(`Disconnected, and trying again: ${reason}`);
      reason = undefined;
    }
    if (status === 'loading') return;
    const fresh = items.filter(({ id }) => BigInt(id) > highest);
    const shown = isFirst ? fresh.slice(0, last) : fresh;
    isFirst = false;
    for (const { id } of fresh) if (BigInt(id) > highest) highest = BigInt(id);
    for (const item of shown.toReversed()) print(json ? JSON.stringify(item) : lineOf(item));
  });
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  inbox.close();
  if (refusal !== undefined) throw new Failure(refusal);
}

interface Item {
  readonly timestamp: string | null;
  readonly subject: string;
  readonly message: string | null;
}

function lineOf({ timestamp, subject, message }: Item): string {
  return [timestamp ?? '-', plain(subject), message === null ? '' : plain(message)].join('  ').trimEnd();
}
