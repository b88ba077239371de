import { createWriteStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { Failure, wrongUsage } from '../failure.ts';
import { findUsers, nameOf } from '../find-users.ts';
import { counted, print, printJson, remark } from '../output.ts';
import { openService, type ServiceOptions, withService } from '../service.ts';

interface EraseOptions extends ServiceOptions {
  readonly yes?: boolean;
}

interface ExportOptions extends ServiceOptions {
  readonly output?: string;
  readonly force?: boolean;
}

const newline = 0x0a;
/** How the last line of a complete export begins. */
const endOfExport = '{"type":"end",';

/** `tidings user export` and `tidings user erase` */
export function addUserData(user: Command): void {
  withService(user.command('export'), { hasJson: false })
    .description('write everything stored about a user as JSON lines, without secrets')
    .argument('<user>', 'id, external id, e-mail address or username')
    .option('--output <file>', 'the file, readable by its owner only; default: standard output')
    .option('--force', 'replace an existing file')
    .action(exportData);
  withService(user.command('erase'))
    .description('erase everything of a user for good')
    .argument('<user>', 'id, external id, e-mail address or username')
    .option('--yes', 'confirm it: an erasure cannot be undone')
    .action(erase);
}

async function erase(name: string, { yes = false, json = false, ...options }: EraseOptions): Promise<void> {
  if (!yes) throw wrongUsage('An erasure cannot be undone: confirm it with --yes.');
  const service = await openService(options);
  const [user] = await findUsers(service, [name]);
  if (user === undefined) throw new Failure(`There is no user "${name}".`);
  // An answer comes after ten seconds at the latest; the same request continues a big erasure.
  for (let isCompleted = false; !isCompleted; ) {
    const { erase_user: erased } = await service.request<{ erase_user: { readonly completed: boolean } }>(
      'mutation ($id: ID!) { erase_user(id: $id) { completed } }',
      { id: user.id },
    );
    isCompleted = erased.completed;
  }
  if (json) printJson({ id: user.id, completed: true });
  else remark(`Everything of ${nameOf(user)} (${user.id}) is erased.`);
}

async function exportData(name: string, { output, force = false, ...options }: ExportOptions): Promise<void> {
  const service = await openService(options);
  const [user] = await findUsers(service, [name]);
  if (user === undefined) throw new Failure(`There is no user "${name}".`);
  const body = await service.download(`/users/${user.id}/export`);
  const check = checkComplete();
  if (output === undefined) {
    await pipeline(body, check.stream, process.stdout, { end: false }).catch(asFailure);
    return;
  }
  const file = resolve(output);
  const target = createWriteStream(file, { flags: force ? 'w' : 'wx', mode: 0o600 });
  try {
    await pipeline(body, check.stream, target);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'EEXIST') {
      throw new Failure(`${file} exists; --force replaces it.`);
    }
    await unlink(file).catch(() => undefined);
    return asFailure(error);
  }
  print(file);
  remark(`Exported ${counted(check.lines(), 'line')} about ${nameOf(user)}.`);
}

/** Passes the text on, counts its lines, and fails if the last line is not the end of an export. */
function checkComplete() {
  let lines = 0;
  let last = Buffer.alloc(0);
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) if (byte === newline) lines += 1;
      // The last line is shorter than this.
      last = Buffer.concat([last, chunk]).subarray(-200);
      done(null, chunk);
    },
    flush(done) {
      const [line = ''] = last.toString().trimEnd().split('\n').slice(-1);
      done(line.startsWith(endOfExport) ? null : new Failure('The export is incomplete; try again.'));
    },
  });
  return { stream, lines: () => lines };
}

function asFailure(error: unknown): never {
  if (error instanceof Failure) throw error;
  throw new Failure(`The export failed: ${error instanceof Error ? error.message : String(error)}.`);
}
