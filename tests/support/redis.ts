import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { aFreePort } from './ports.ts';

/** The variable with the address of a Redis for tests only: they cut its connections. */
const variable = 'TEST_REDIS_URL';

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** The Redis of `TEST_REDIS_URL`, or a new one if `redis-server` is installed; null if there is neither. */
export async function startTestRedis(): Promise<TestRedis | null> {
  const given = process.env[variable];
  if (given) return (await answers(given)) ? { url: given, stop: async () => undefined } : null;
  const port = await aFreePort();
  // The server ends when its input closes, so a killed run leaves nothing behind.
  const server = spawn(
    'sh',
    ['-c', 'redis-server --port "$0" --bind 127.0.0.1 --save "" --appendonly no & read _; kill $!; wait', `${port}`],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const url = `redis://127.0.0.1:${port}`;
  const stop = () => end(server);
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (await answers(url)) return { url, stop };
    await once(AbortSignal.timeout(50), 'abort');
  }
  await stop();
  return null;
}

/** Runs `work` on a separate connection. */
export async function onRedis<Result>(url: string, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url, { disconnectTimeout: 100, lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function answers(url: string): Promise<boolean> {
  return onRedis(url, (redis) => redis.ping()).then(
    () => true,
    () => false,
  );
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = once(server, 'exit');
  server.stdin?.end();
  await ended;
}
