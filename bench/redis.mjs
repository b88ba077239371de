import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

/**
 * The Redis of `REDIS_URL` or `TEST_REDIS_URL`, or one of its own where `redis-server` is installed; nothing where there
 * is neither.
 */
export async function startRedis() {
  const given = process.env.REDIS_URL ?? process.env.TEST_REDIS_URL;
  if (given) return (await answers(given)) ? { url: given, stop: async () => undefined } : undefined;
  const port = await freePort();
  // It ends with its input: a run that is killed leaves nothing behind.
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
