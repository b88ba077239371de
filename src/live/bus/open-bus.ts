import type { Logger } from 'pino';
import type { DatabaseIdentity } from '../../database/identity.ts';
import { type Bus, memoryBus } from './bus.ts';
import { openPostgresBus } from './postgres-bus.ts';

export interface BusSettings {
  /** `memory`, `postgres`, or the address of a Redis. */
  readonly kind: string;
  readonly databaseUrl: string;
  /** Names the store, so that several may share one Redis. */
  readonly identity: DatabaseIdentity;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** Opens the bus of the configuration. @throws Error when what it stands on cannot be reached. */
export async function openBus({ kind, databaseUrl, identity, log }: BusSettings): Promise<Bus> {
  if (kind === 'memory') return memoryBus();
  if (kind === 'postgres') return openPostgresBus({ url: databaseUrl, log });
  // Loaded by those who use it.
  const { openRedisBus } = await import('./redis-bus.ts');
  return openRedisBus({ url: kind, identity, log });
}
