import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createFairQueue, type QueueEntry } from './fair-queue.ts';

const scryptAsync = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

/** Cost, block size and parallelism: 32 MiB and about a tenth of a second per password. */
const currentCost = { logCost: 15, blockSize: 8, parallelism: 3 };
const keyBytes = 32;
const saltBytes = 16;

/**
 * One queue per process, because hashes use its threads and memory: two of its four threads stay free for other work.
 */
const queue = createFairQueue({ maxRunning: 2, maxQueuedPerKey: 2, maxQueued: 20 });

/**
 * A salted hash of the password. The text contains its parameters, so that they can be raised while older hashes stay
 * valid. The password is normalised to Unicode NFC first.
 * @throws ServiceError REQUESTS_EXCEEDED when the queue is full.
 */
export function hashPassword(password: string, entry: QueueEntry): Promise<string> {
  return queue.run(entry, async () => {
    const salt = randomBytes(saltBytes);
    return toText(salt, await stretch(password, salt, currentCost));
  });
}

/**
 * Whether the password matches the hash that `find` returns; false for anything not made by `hashPassword`. Takes the
 * same time without a hash, so that timing reveals nothing.
 * @param find reads the hash when it is checked.
 * @throws ServiceError REQUESTS_EXCEEDED when the queue is full; any error of `find`.
 */
export function isPassword(
  password: string,
  find: () => Promise<string | null | undefined>,
  entry: QueueEntry,
): Promise<boolean> {
  return queue.run(entry, async () => {
    const hash = await find();
    const isRight = await isPasswordOf(password, hash ?? dummyHash);
    return isRight && typeof hash === 'string';
  });
}

async function isPasswordOf(password: string, hash: string): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(hash);
  if (!match) return false;
  const [, logCost, blockSize, parallelism, salt = '', key = ''] = match;
  const cost = { logCost: Number(logCost), blockSize: Number(blockSize), parallelism: Number(parallelism) };
  const expected = Buffer.from(key, 'base64url');
  const actual = await stretch(password, Buffer.from(salt, 'base64url'), cost);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function toText(salt: Buffer, key: Buffer): string {
  const { logCost, blockSize, parallelism } = currentCost;
  return `$scrypt$ln=${logCost},r=${blockSize},p=${parallelism}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** A hash that no password matches. */
const dummyHash = toText(randomBytes(saltBytes), randomBytes(keyBytes));

function stretch(
  password: string,
  salt: Buffer,
  { logCost, blockSize, parallelism }: typeof currentCost,
): Promise<Buffer> {
  const N = 2 ** logCost;
  // Node refuses a hash if it estimates more memory than `maxmem`; twice the need allows for its estimate.
  return scryptAsync(password.normalize('NFC'), salt, keyBytes, {
    N,
    r: blockSize,
    p: parallelism,
    maxmem: 256 * N * blockSize,
  });
}
