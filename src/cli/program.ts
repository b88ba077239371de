import { Command, CommanderError } from 'commander';
import { readVersion } from '../version.ts';
import { addAdmin } from './commands/admin.ts';
import { addBackup } from './commands/backup.ts';
import { addDeliveries } from './commands/deliveries.ts';
import { addDoctor } from './commands/doctor.ts';
import { addPause } from './commands/pause.ts';
import { addRestore } from './commands/restore.ts';
import { addSend } from './commands/send.ts';
import { addServe } from './commands/serve.ts';
import { addSigningKeys } from './commands/signing-keys.ts';
import { addTail } from './commands/tail.ts';
import { addToken } from './commands/token.ts';
import { addUser } from './commands/user.ts';
import { exitCodes, Failure, sentenceOf } from './failure.ts';

// Each command imports its modules when it runs, because `--help` must not load the service.
const commands = [
  addServe,
  addUser,
  addToken,
  addSigningKeys,
  addSend,
  addTail,
  addDeliveries,
  addPause,
  addAdmin,
  addDoctor,
  addBackup,
  addRestore,
];

/** Runs the command of these arguments and returns the exit code. Never throws. */
export async function run(argv: readonly string[]): Promise<number> {
  const program = new Command('tidings')
    .description('Runs and manages a Tidings notification service.')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', `\n${variables}`)
    .showHelpAfterError('(add --help for help)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const add of commands) add(program);
  // Exits only if nothing else listens for the signal: an exit hook must first end what the command has started.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      if (process.listenerCount(signal) === 0) process.exit(code);
    });
  }
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    // Its message is printed already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    process.stderr.write(`${sentenceOf(error)}\n`);
    return error instanceof Failure ? error.exitCode : exitCodes.failed;
  }
}

const variables = `Commands that talk to a running service find it by --url or TIDINGS_URL (default: the PORT of this
environment on 127.0.0.1) and use the token of --token or TIDINGS_TOKEN. The other commands work on the database of
DATABASE_URL, or on the service's own in DATA_DIR. A file .env in the working directory is read.

Exit codes: 0 done, 1 failed, 2 wrong usage.`;
