import { Gauge, type Registry } from 'prom-client';
import type { Database } from './database.ts';

/** Adds the metrics of the pool of database connections. */
export function measurePool(db: Pick<Database, 'usage'>, registry: Registry): void {
  new Gauge({
    name: 'tidings_database_connections',
    help: 'Connections of the pool, by state; the pool opens at most `max`.',
    labelNames: ['state'] as const,
    registers: [registry],
    collect() {
      const { total, idle, max } = db.usage();
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'busy' }, total - idle);
      this.set({ state: 'max' }, max);
    },
  });
  new Gauge({
    name: 'tidings_database_waiting',
    help: 'Statements and transactions that are waiting for a connection.',
    registers: [registry],
    collect() {
      this.set(db.usage().waiting);
    },
  });
}
