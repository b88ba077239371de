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
import { createCachedRead } from './cached-read.ts';

/** The algorithm of all signing keys: Ed25519. */
export const signingAlgorithm = 'EdDSA';

/** A key without its private part. */
export type ListedKey = Pick<SigningKey, 'id' | 'created_at'>;

/** The private part of a key. */
export interface Signer {
  readonly id: string;
  readonly key: CryptoKey;
}

/** The keys that sign minted tokens. They are stored in the database, so that all nodes have the same keys. */
export interface SigningKeys {
  /** The newest key, to sign with. If there is none, or this node cannot decrypt it, a new key is made. */
  newest(): Promise<Signer>;
  /** The public key with this id; undefined if it is unknown or removed. */
  find(id: string): Promise<CryptoKey | undefined>;
  /** The public keys as in RFC 7517, newest first. */
  publish(): Promise<{ readonly keys: readonly JWK[] }>;
  /** The keys, newest first. */
  list(): Promise<readonly ListedKey[]>;
  /** Makes a new key to sign with, keeps the previous key and removes older ones. Returns the keys, newest first. */
  rotate(): Promise<readonly ListedKey[]>;
}

export interface SigningKeysOptions {
  readonly prisma: ServicePrisma;
  readonly seal: Seal;
  readonly now: () => Date;
  /** Called when the private part of the newest key cannot be decrypted. */
  readonly onUnreadable: (error: unknown) => void;
}

/** Milliseconds for which keys are cached: another node accepts a removed key for this long at most. */
const maxAgeMs = 15_000;
/** Minimum milliseconds between reads for unknown keys. */
const unknownSpacingMs = 50;
/** Milliseconds for which the published keys are cached: others meet a new key soon after it was made. */
const publishedMaxAgeMs = 1_000;
/** How many keys are kept: the newest key and the previous one. */
const keptKeys = 2;
const orderBy = { created_at: 'desc' } as const;

export function createSigningKeys({ prisma, seal, now, onUnreadable }: SigningKeysOptions): SigningKeys {
  const stored = createCachedRead(readKeys, now);
  const imported = new Map<string, Promise<CryptoKey>>();
  const privateKeys = new Map<string, CryptoKey>();

  /** The keys by id, newest first. */
  async function readKeys(): Promise<ReadonlyMap<string, SigningKey>> {
    const rows = await prisma.signingKey.findMany({ orderBy });
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Imports a public key, which never changes, once. */
  function publicKey({ id, public_jwk }: SigningKey): Promise<CryptoKey> {
    const key = imported.get(id) ?? importKey(public_jwk as JWK);
    imported.set(id, key);
    return key;
  }

  /**
   * Makes a new key. @param onlyAfter makes none if another key than this one is the newest by then; null: if there is
   * any. Undefined: always makes one.
   */
  async function add(onlyAfter?: string | null): Promise<void> {
    const { publicKey: open, privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
    const public_jwk = await exportJWK(open);
    const id = await calculateJwkThumbprint(public_jwk);
    const data = { id, public_jwk: { ...public_jwk }, private_key: seal.close(await exportPKCS8(privateKey)) };
    await prisma.$transaction(async (transaction) => {
      await takeLock(transaction, lockKeys.signingKeys);
      const rows = await transaction.signingKey.findMany({ orderBy, select: { id: true, created_at: true } });
      if (onlyAfter !== undefined && onlyAfter !== (rows[0]?.id ?? null)) return;
      const removed = rows.slice(keptKeys - 1).map((row) => row.id);
      await transaction.signingKey.deleteMany({ where: { id: { in: removed } } });
      // Later than every other key, even if one was made by a node whose clock is ahead.
      const created_at = new Date(Math.max(now().getTime(), (rows[0]?.created_at.getTime() ?? 0) + 1));
      await transaction.signingKey.create({ data: { ...data, created_at } });
    });
  }

  async function list(): Promise<readonly ListedKey[]> {
    return [...(await stored.fresh()).values()].map(({ id, created_at }) => ({ id, created_at }));
  }

  /** The id of the newest key, null if there is none; without `signer` if this node cannot decrypt it. */
  async function readNewest(): Promise<{ readonly id: string | null; readonly signer?: Signer }> {
    const [row] = (await stored.fresh()).values();
    if (row === undefined) return { id: null };
    const { id } = row;
    try {
      const key = privateKeys.get(id) ?? (await importPKCS8(seal.open(row.private_key), signingAlgorithm));
      privateKeys.set(id, key);
      return { id, signer: { id, key } };
    } catch (error) {
      onUnreadable(error);
      return { id };
    }
  }

  return {
    list,
    async rotate() {
      await add();
      return list();
    },
    async newest() {
      const { id, signer } = await readNewest();
      if (signer !== undefined) return signer;
      // Others may be making one at the same time; a third key would remove the first one.
      await add(id);
      const { signer: made } = await readNewest();
      if (made === undefined) throw new Error('The new signing key cannot be read.');
      return made;
    },
    async find(id) {
      const cached = (await stored.recent(maxAgeMs)).get(id);
      if (cached !== undefined) return publicKey(cached);
      // A key that was known has been removed, and no key returns. An unknown one may be newer than what was read.
      const row = imported.has(id) ? undefined : (await stored.fresh(unknownSpacingMs)).get(id);
      return row && publicKey(row);
    },
    async publish() {
      const rows = [...(await stored.recent(publishedMaxAgeMs)).values()];
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
  if (key instanceof Uint8Array) throw new Error('A stored signing key is not a public key.');
  return key;
}
