import pino from 'pino';
import { start } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import type { SeededAdmin } from './database/seed.ts';

/** How long a stop may take before the process ends anyway. */
const stopMs = 10_000;

try {
  await main();
} catch (error) {
  // A wrong environment is the operator's to mend: the list of faults is all there is to say.
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel });
  const app = await start(config, {
    log,
    onAdminMade: (admin) => print(firstAdmin(admin)),
    onDatabaseLost: (error) => {
      log.fatal({ err: error }, 'the embedded database ended');
      process.exit(1);
    },
  });
  print(welcome(config.publicUrl ?? app.address));

  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), stopMs).unref();
      app.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'could not stop cleanly');
          process.exit(1);
        },
      );
    });
  }
}

/** The secrets of the first admin, on the terminal once and in no log. */
function firstAdmin({ email, password, token }: SeededAdmin): string {
  return [
    'This first start made an admin; what was generated is shown only now:',
    `  e-mail    ${email}`,
    ...(password === undefined ? [] : [`  password  ${password}`]),
    ...(token === undefined ? [] : [`  token     ${token}`]),
  ].join('\n');
}

function welcome(url: string): string {
  return [
    `Tidings answers at ${url}`,
    `  GraphQL and GraphiQL  ${url}/graphql/system`,
    `  Directus REST         ${url}/notifications`,
    `  Coder REST            ${url}/api/v2/notifications/inbox`,
  ].join('\n');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
