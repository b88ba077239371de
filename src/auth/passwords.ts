import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createTurns, type Turn } from './turns.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Cost, block size and lanes: 32 MiB and about a tenth of a second for each password. */
const current = { logCost: 15, blockSize: 8, lanes: 3 };
const keyBytes = 32;
const saltBytes = 16;

/**
 * One for the process, since it is the threads and the memory of the process that hashes take: two of its four threads
 * stay free for everything else.
 */
const turns = createTurns({ running: 2, waitingOfKey: 2, waiting: 20 });

/**
 * A salted hash of the password, with its parameters in the text, so that they can be raised later while older
 * hashes stay good. The password is hashed in Unicode's composed form, however it was typed.
 * @throws ServiceError REQUESTS_EXCEEDED when the turn is refused.
 */
export function hashPassword(password: string, turn: Turn): Promise<string> {
  return turns.take(turn, async () => {
    const salt = randomBytes(saltBytes);
    return toText(salt, await stretch(password, salt, current));
  });
}

/**
 * Whether this is the password of the hash that `find` gives; false for what is no hash of `hashPassword`. As slow when
 * there is none, so that the time tells nothing.
 * @param find looks the hash up, when it is its turn.
 * @throws ServiceError REQUESTS_EXCEEDED when the turn is refused; what `find` throws.
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

/** The hash of no password that anybody knows. */
const decoy = toText(randomBytes(saltBytes), randomBytes(keyBytes));

function stretch(password: string, salt: Buffer, { logCost, blockSize, lanes }: typeof current): Promise<Buffer> {
  const N = 2 ** logCost;
  // Node refuses what it reckons to need more than `maxmem`; twice the need leaves room for how it reckons.
  return derive(password.normalize('NFC'), salt, keyBytes, { N, r: blockSize, p: lanes, maxmem: 256 * N * blockSize });
}
