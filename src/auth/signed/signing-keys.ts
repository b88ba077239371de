import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importJWK,
  importPKCS8,
  type JWK,
} from 'jose';
import { takeLock } from '../../database/advisory-lock.ts';
import { lockKeys } from '../../database/lock-keys.ts';
import type { ServicePrisma } from '../../database/prisma.ts';
import type { SigningKey } from '../../generated/prisma/client.ts';
import type { Seal } from '../seal.ts';

/** The algorithm of all signing keys: Ed25519. */
export const signingAlgorithm = 'EdDSA';

/** A key without its private part. */
export type ListedKey = Pick<SigningKey, 'id' | 'created_at'>;

/** The keys of minted tokens. They are in the database, so that every node has the same. */
export interface SigningKeys {
  /** The newest key, to sign with; made if there is none that this node can read. */
  newest(): Promise<{ readonly id: string; readonly key: CryptoKey }>;
  /** The public key with this id; undefined if it is unknown or removed. */
  find(id: string): Promise<CryptoKey | undefined>;
  /** The public keys as in RFC 7517, newest first. */
  publish(): Promise<{ readonly keys: readonly JWK[] }>;
  /** The keys, newest first. */
  list(): Promise<readonly ListedKey[]>;
  /** Makes a new key to sign with, and removes all but the previous one. Returns the keys, newest first. */
  rotate(): Promise<readonly ListedKey[]>;
}

export interface SigningKeysOptions {
  readonly prisma: ServicePrisma;
  readonly seal: Seal;
  readonly now: () => Date;
  /** Called when the private part of the newest key cannot be read. */
  readonly onUnreadable: (error: unknown) => void;
}

/** Milliseconds for which keys are used without reading them again; a removed key is accepted no longer. */
const freshMs = 15_000;
/** Milliseconds between reads because of an unknown key. */
const lookAgainMs = 1_000;
/** Keys that are accepted. */
const keptKeys = 2;
const orderBy = { created_at: 'desc' } as const;

export function createSigningKeys({ prisma, seal, now, onUnreadable }: SigningKeysOptions): SigningKeys {
  let keys: Promise<ReadonlyMap<string, SigningKey>> | undefined;
  let readAt = 0;
  const imported = new Map<string, Promise<CryptoKey>>();
  const privateKeys = new Map<string, CryptoKey>();

  /** The keys, newest first, read at most this long ago. */
  async function read(maxAgeMs: number): Promise<ReadonlyMap<string, SigningKey>> {
    const time = now().getTime();
    if (keys === undefined || time - readAt >= maxAgeMs) {
      const reading = prisma.signingKey.findMany({ orderBy });
      readAt = time;
      keys = reading.then((rows) => new Map(rows.map((row) => [row.id, row])));
      keys.catch(() => {
        keys = undefined;
      });
    }
    return keys;
  }

  /** Public keys are imported once, and never change. */
  function publicKey({ id, public_jwk }: SigningKey): Promise<CryptoKey> {
    const known = imported.get(id) ?? importKey(public_jwk as JWK);
    imported.set(id, known);
    return known;
  }

  async function add(): Promise<readonly ListedKey[]> {
    const { publicKey: open, privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
    const public_jwk = await exportJWK(open);
    const id = await calculateJwkThumbprint(public_jwk);
    const data = { id, public_jwk: { ...public_jwk }, private_key: seal.close(await exportPKCS8(privateKey)) };
    await prisma.$transaction(async (transaction) => {
      await takeLock(transaction, lockKeys.signingKeys);
      const rows = await transaction.signingKey.findMany({ orderBy, select: { id: true, created_at: true } });
      const removed = rows.slice(keptKeys - 1).map((row) => row.id);
      await transaction.signingKey.deleteMany({ where: { id: { in: removed } } });
      // Newest also when the clock of another node is ahead.
      const created_at = new Date(Math.max(now().getTime(), (rows[0]?.created_at.getTime() ?? 0) + 1));
      await transaction.signingKey.create({ data: { ...data, created_at } });
    });
    return list();
  }

  async function list(): Promise<readonly ListedKey[]> {
    return [...(await read(0)).values()].map(({ id, created_at }) => ({ id, created_at }));
  }

  async function readable(): Promise<{ readonly id: string; readonly key: CryptoKey } | undefined> {
    const [row] = (await read(0)).values();
    if (row === undefined) return undefined;
    try {
      const key = privateKeys.get(row.id) ?? (await importPKCS8(seal.open(row.private_key), signingAlgorithm));
      privateKeys.set(row.id, key);
      return { id: row.id, key };
    } catch (error) {
      onUnreadable(error);
      return undefined;
    }
  }

  return {
    list,
    rotate: add,
    async newest() {
      const key = await readable();
      if (key !== undefined) return key;
      await add();
      const made = await readable();
      if (made === undefined) throw new Error('The new signing key cannot be read.');
      return made;
    },
    async find(id) {
      const row = (await read(freshMs)).get(id) ?? (await read(lookAgainMs)).get(id);
      return row && publicKey(row);
    },
    async publish() {
      const rows = [...(await read(freshMs)).values()];
      return {
        keys: rows.map(({ id, public_jwk }) => {
          return { ...(public_jwk as JWK), kid: id, alg: signingAlgorithm, use: 'sig' };
        }),
      };
    },
  };
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, signingAlgorithm);
  if (key instanceof Uint8Array) throw new Error('A signing key is no key pair.');
  return key;
}
