import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createTurns, type Turn } from './turns.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Cost, block size and parallelism: 32 MiB and about a tenth of a second per password. */
const current = { logCost: 15, blockSize: 8, lanes: 3 };
const keyBytes = 32;
const saltBytes = 16;

/**
 * One queue per process, because hashes use its threads and memory: two of its four threads stay free for other work.
 */
const turns = createTurns({ running: 2, waitingOfKey: 2, waiting: 20 });

/**
 * A salted hash of the password. The text contains its parameters, so that they can be raised while older hashes stay
 * valid. The password is normalised to Unicode NFC first.
 * @throws ServiceError REQUESTS_EXCEEDED when the queue refuses the turn.
 */
export function hashPassword(password: string, turn: Turn): Promise<string> {
  return turns.take(turn, async () => {
    const salt = randomBytes(saltBytes);
    return toText(salt, await stretch(password, salt, current));
  });
}

/**
 * Whether the password matches the hash that `find` returns; false for anything not made by `hashPassword`. Takes the
 * same time without a hash, so that timing reveals nothing.
 * @param find reads the hash when the turn comes.
 * @throws ServiceError REQUESTS_EXCEEDED when the queue refuses the turn; any error of `find`.
 */
export function isPassword(
  password: string,
  find: () => Promise<string | null | undefined>,
  turn: Turn,
): Promise<boolean> {
  return turns.take(turn, async () => {
    const hash = await find();
    const isRight = await isPasswordOf(password, hash ?? decoy);
    return isRight && typeof hash === 'string';
  });
}

async function isPasswordOf(password: string, hash: string): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(hash);
  if (!match) return false;
  const [, logCost, blockSize, lanes, salt = '', key = ''] = match;
  const cost = { logCost: Number(logCost), blockSize: Number(blockSize), lanes: Number(lanes) };
  const wanted = Buffer.from(key, 'base64url');
  const given = await stretch(password, Buffer.from(salt, 'base64url'), cost);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

function toText(salt: Buffer, key: Buffer): string {
  const { logCost, blockSize, lanes } = current;
  return `$scrypt$ln=${logCost},r=${blockSize},p=${lanes}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** A hash that no password matches. */
const decoy = toText(randomBytes(saltBytes), randomBytes(keyBytes));

function stretch(password: string, salt: Buffer, { logCost, blockSize, lanes }: typeof current): Promise<Buffer> {
  const N = 2 ** logCost;
  // Node refuses a hash if it estimates more memory than `maxmem`; twice the need allows for its estimate.
  return derive(password.normalize('NFC'), salt, keyBytes, { N, r: blockSize, p: lanes, maxmem: 256 * N * blockSize });
}
