import pino from 'pino';
import { readConfig } from '../../src/read-config.ts';
import { start } from '../../src/start.ts';
import { startTelemetry } from '../../src/telemetry/start-telemetry.ts';
import { afterwards } from '../faults/afterwards.ts';
import { adminToken } from '../faults/live-requests.ts';
import { createMigratedDatabase } from '../support/database.ts';

/** Spans are sent at once. */
const quick = { OTEL_BSP_SCHEDULE_DELAY: '1' };

/** A whole service in this process, with tracing, that is stopped after the test. */
export interface TracedService {
  readonly url: string;
  readonly databaseUrl: string;
  /** Stops it now. */
  stop(): Promise<void>;
}

/** Starts the service. @param environment more variables; by default every trace is recorded */
export async function aTracedService(
  collectorUrl: string,
  environment: Readonly<Record<string, string>> = {},
  onLogged?: (line: string) => void,
): Promise<TracedService> {
  const { url: databaseUrl, drop } = await createMigratedDatabase();
  afterwards(drop);
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    PORT: '0',
    DRAIN_MS: '0',
    ADMIN_TOKEN: adminToken,
    ADMIN_PASSWORD: 'admin-password',
    OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    ...environment,
  });
  const log = onLogged ? pino({ level: 'trace' }, { write: onLogged }) : pino({ level: 'silent' });
  if (config.telemetry === undefined) throw new Error('tracing is off');
  // OpenTelemetry reads this variable itself.
  Object.assign(process.env, quick);
  const tracer = await startTelemetry(config.telemetry, log);
  const app = await start(config, { log, tracer, keepSecrets: async () => undefined });
  afterwards(() => app.stop());
  return { url: app.address, databaseUrl, stop: () => app.stop() };
}
