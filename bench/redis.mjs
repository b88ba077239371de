import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

/**
 * Returns the Redis of `REDIS_URL` or `TEST_REDIS_URL`, or starts one if `redis-server` is installed. Undefined if
 * there is neither.
 */
export async function startRedis() {
  const given = process.env.REDIS_URL ?? process.env.TEST_REDIS_URL;
  if (given) return (await answers(given)) ? { url: given, stop: async () => undefined } : undefined;
  const port = await freePort();
  // The server ends when its input closes, so a killed run leaves nothing behind.
  const server = spawn(
    'sh',
    ['-c', 'redis-server --port "$0" --bind 127.0.0.1 --save "" --appendonly no & read _; kill $!; wait', `${port}`],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const stop = async () => {
    const ended = once(server, 'exit');
    server.stdin.end();
    await ended;
  };
  const url = `redis://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (await answers(url)) return { url, stop };
    await delay(50);
  }
  await stop();
  return undefined;
}

async function answers(url) {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return true;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}
