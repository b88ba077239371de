import { awaitService, type Patience } from '../../await-service.ts';
import { StartError } from '../../start-error.ts';

const variable = 'EVENT_BUS';
/** What Redis says when waiting is of no use. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password|ERR Client sent AUTH|ERR DB index)/;

/**
 * Waits until the Redis of the bus answers.
 * @throws StartError when it does not in time, or refuses the user.
 */
export async function awaitRedis(url: string, patience: Patience): Promise<void> {
  const what = `the Redis at ${new URL(url).host}`;
  await awaitService({ variable, what, reach: (tryMs) => reach(url, what, tryMs) }, patience);
}

async function reach(url: string, what: string, tryMs: number): Promise<void> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: tryMs,
    socketTimeout: tryMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // A connection that has ended already is waited for so long.
    disconnectTimeout: 100,
  });
  // Of a connection that ends it says why here; the command only fails.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    const cause = reason ?? (error as Error);
    const { message } = cause;
    if (refusal.test(message)) throw new StartError(`${variable}: ${what} refuses the service: ${message}.`, { cause });
    throw cause;
  } finally {
    redis.disconnect();
  }
}
