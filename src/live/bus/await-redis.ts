import { awaitService, type WaitOptions } from '../../await-service.ts';
import { StartError } from '../../start-error.ts';

const variable = 'EVENT_BUS';
/** Redis errors that waiting cannot resolve: wrong credentials, missing permission or a bad database index. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password|ERR Client sent AUTH|ERR DB index)/;

/**
 * Waits until the Redis server of the bus responds.
 * @throws StartError when it does not respond in time, or rejects the credentials.
 */
export async function awaitRedis(url: string, options: WaitOptions): Promise<void> {
  const what = `the Redis at ${new URL(url).host}`;
  await awaitService({ variable, what, reach: (tryMs) => reach(url, what, tryMs) }, options);
}

async function reach(url: string, what: string, tryMs: number): Promise<void> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: tryMs,
    socketTimeout: tryMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // Maximum time to wait for a connection that is already closing.
    disconnectTimeout: 100,
  });
  // The `error` event carries the reason for a closed connection; the failed command does not.
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
