import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Cost, block size and lanes: 32 MiB and about a tenth of a second for each password. */
const current = { logCost: 15, blockSize: 8, lanes: 3 };
const keyBytes = 32;
const saltBytes = 16;

/**
 * A salted hash of the password, with its parameters in the text, so that they can be raised later while older
 * hashes stay good. The password is hashed in Unicode's composed form, however it was typed.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await stretch(password, salt, current);
  const { logCost, blockSize, lanes } = current;
  return `$scrypt$ln=${logCost},r=${blockSize},p=${lanes}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** Whether this is the password of that hash; false for what is no hash of `hashPassword`. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(hash);
  if (!match) return false;
  const [, logCost, blockSize, lanes, salt = '', key = ''] = match;
  const cost = { logCost: Number(logCost), blockSize: Number(blockSize), lanes: Number(lanes) };
  const wanted = Buffer.from(key, 'base64url');
  const given = await stretch(password, Buffer.from(salt, 'base64url'), cost);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

function stretch(password: string, salt: Buffer, { logCost, blockSize, lanes }: typeof current): Promise<Buffer> {
  const N = 2 ** logCost;
  // Node refuses what it reckons to need more than `maxmem`; twice the need leaves room for how it reckons.
  return derive(password.normalize('NFC'), salt, keyBytes, { N, r: blockSize, p: lanes, maxmem: 256 * N * blockSize });
}
