import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { readConfig } from '../src/read-config.ts';
import { start } from '../src/start.ts';
import { StartError } from '../src/start-error.ts';
import { createTeardown, type Teardown } from '../src/teardown.ts';
import { createCaptureStore } from './capture/captured.ts';
import { startMailServer } from './capture/mail-server.ts';
import { fill } from './fill.ts';
import { keepSending } from './keep-sending.ts';
import { createRun } from './service-client.ts';
import { admin } from './story/people.ts';
import { startViewer } from './viewer/server.ts';

/** Milliseconds between two new notifications, on average. */
const sendPeriodMs = 5_000;
const stopTimeoutMs = 10_000;

export interface DemoOptions {
  /** The port of the service; the viewer has the next one. 0: two free ports are chosen. */
  readonly port: number;
  readonly log: Logger;
  /** Aborting it cancels the start. */
  readonly signal: AbortSignal;
}

/** A running demo. */
export interface Demo {
  readonly serviceUrl: string;
  readonly viewerUrl: string;
  /** Stops everything and deletes the data. @throws Error naming the parts that did not stop in time */
  stop(hurry: AbortSignal): Promise<void>;
}

/**
 * Starts the service on a database in a temporary folder, a mail server and a viewer, fills the service with a week of
 * notifications, and keeps sending. If a step fails, everything that was started before it is stopped.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const teardown = createTeardown();
  try {
    const urls = await build(options, teardown);
    return { ...urls, stop: (hurry) => teardown.run(stopTimeoutMs, hurry) };
  } catch (error) {
    await teardown.run(stopTimeoutMs).catch((err: unknown) => options.log.warn({ err }, 'failed to clean up'));
    throw error;
  }
}

async function build({ port, log, signal }: DemoOptions, teardown: Teardown) {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidings-demo-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  // The folder is deleted even when the process ends because of an error.
  process.once('exit', remove);
  teardown.add({
    name: 'deleting the data',
    end() {
      process.off('exit', remove);
      remove();
    },
    share: 1,
  });
  const store = createCaptureStore();
  const mailServer = await startMailServer(store);
  teardown.add({ name: 'closing the mail server', end: () => mailServer.close(), share: 1 / 2 });
  const viewer = await listening(() => startViewer(store, port === 0 ? 0 : port + 1), port + 1);
  teardown.add({ name: 'closing the viewer', end: () => viewer.close(), share: 1 / 2 });

  const config = readConfig({
    PORT: String(port),
    DATA_DIR: dataDir,
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    ADMIN_TOKEN: admin.token,
    APP_URL: viewer.applicationUrl,
    SMTP_URL: mailServer.url,
    EMAIL_FROM: 'Tidings <no-reply@example.com>',
    WEBHOOK_ENDPOINT: viewer.webhookUrl,
    DRAIN_MS: '0',
  });
  const service = await start(config, {
    log,
    signal,
    onDatabaseLost(error) {
      log.fatal({ err: error }, 'the database ended');
      process.exit(1);
    },
  });
  teardown.add({ name: 'stopping the service', end: ({ hurry }) => service.stop(hurry), share: 0.8 });
  const run = createRun(service.address);
  const ids = await fill(run, new Date());
  signal.throwIfAborted();
  const onError = (err: unknown) => log.error({ err }, 'the demo sends nothing more');
  const sending = keepSending(run, ids, { periodMs: sendPeriodMs, onError });
  teardown.add({ name: 'ending the sending of new notifications', end: () => sending.stop(), share: 1 / 2 });
  return { serviceUrl: service.address, viewerUrl: viewer.url };
}

/** Runs `listen`. @throws StartError when the port is in use */
async function listening<Server>(listen: () => Promise<Server>, port: number): Promise<Server> {
  try {
    return await listen();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartError(`port ${port} is in use; set PORT to one with a free port after it.`, { cause: error });
  }
}
