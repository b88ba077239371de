import type { Logger } from 'pino';
import type { DatabaseIdentity } from '../../database/identity.ts';
import { type Bus, createMemoryBus } from './bus.ts';
import { openPostgresBus } from './postgres-bus.ts';

export interface BusSettings {
  /** `memory`, `postgres`, or the URL of a Redis server. */
  readonly kind: string;
  readonly databaseUrl: string;
  /** Part of the Redis channel names, so that several stores can share one Redis server. */
  readonly identity: DatabaseIdentity;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** Opens the configured bus. @throws Error when PostgreSQL or Redis cannot be reached. */
export async function openBus({ kind, databaseUrl, identity, log }: BusSettings): Promise<Bus> {
  if (kind === 'memory') return createMemoryBus();
  if (kind === 'postgres') return openPostgresBus({ url: databaseUrl, log });
  // Imported here so that ioredis is loaded only when it is used.
  const { openRedisBus } = await import('./redis-bus.ts');
  return openRedisBus({ url: kind, identity, log });
}
