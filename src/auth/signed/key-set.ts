import { type CryptoKey, importJWK, type JWK } from 'jose';

/** A key for one algorithm, and what tells it from others. */
export interface VerificationKey {
  readonly key: CryptoKey | Uint8Array;
  readonly fingerprint: string;
}

/** Finds the key of a token by its header. */
export type FindKey = (header: Readonly<Record<string, unknown>>) => Promise<VerificationKey | undefined>;

export interface KeySetOptions {
  readonly fetchKeys: () => Promise<readonly JWK[]>;
  readonly now: () => Date;
  /** Called when the keys cannot be fetched; the earlier ones are used meanwhile. */
  readonly onFailed: (error: unknown) => void;
}

/** Milliseconds after which keys are fetched again, while requests use the earlier ones. */
const freshMs = 30_000;
/**
 * Milliseconds after which requests wait for that fetch: a key that was removed at the address is accepted for this
 * long, or until the address answers again.
 */
const maxAgeMs = 50_000;
/** Minimum milliseconds between attempts while the address fails. */
const retryMs = 10_000;
/** Minimum milliseconds between attempts that unknown keys cause. */
const unknownMs = 60_000;

/** Maximum number of removed keys that are remembered. */
const maxRemoved = 100;

/**
 * The keys at an address, fetched when needed. The algorithm must be one of the key's type, so that a public key is
 * never used as a shared secret.
 */
export function createKeySet({ fetchKeys, now, onFailed }: KeySetOptions): FindKey {
  let keys: readonly JWK[] = [];
  /** Ids of keys that the address published earlier, newest first. Their tokens are no reason to fetch. */
  let removed: readonly unknown[] = [];
  /** When the fetch that returned `keys` began. */
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let unknownAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;
  let isFailing = false;
  /** Number of fetches that have begun. */
  let begun = 0;
  // Undefined: a malformed key.
  const imported = new Map<string, Promise<VerificationKey['key'] | undefined>>();

  async function refresh(): Promise<void> {
    begun += 1;
    const begunAt = now().getTime();
    triedAt = begunAt;
    try {
      replace(await fetchKeys());
      fetchedAt = begunAt;
      isFailing = false;
    } catch (error) {
      isFailing = true;
      onFailed(error);
    } finally {
      fetching = undefined;
    }
  }

  function replace(found: readonly JWK[]): void {
    const ids = new Set(found.map(({ kid }) => kid));
    const gone = keys.map(({ kid }) => kid).filter((kid) => kid !== undefined);
    removed = [...new Set([...gone, ...removed])].filter((kid) => !ids.has(kid as string)).slice(0, maxRemoved);
    keys = found;
    imported.clear();
  }

  /** Fetches, or waits for the fetch that is running. */
  function fetchOnce(): Promise<void> {
    fetching ??= refresh();
    return fetching;
  }

  function choose({ kid, alg }: Readonly<Record<string, unknown>>): JWK | undefined {
    const fitting = keys.filter((key) => typeof alg === 'string' && algorithmsOf(key).includes(alg));
    if (kid !== undefined) return fitting.find((key) => key.kid === kid);
    // A token without a key id is accepted only if exactly one key can have signed it.
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /** Fetches for an unknown key, unless a fetch has begun since its token arrived, when `before` fetches had begun. */
  async function fetchUnknown(kid: unknown, before: number): Promise<void> {
    await fetching;
    if (begun > before) return fetching;
    const time = now().getTime();
    if (time - unknownAt < unknownMs || removed.includes(kid)) return;
    unknownAt = time;
    await fetchOnce();
  }

  return async (header) => {
    const time = now().getTime();
    const before = begun;
    const ageMs = time - fetchedAt;
    if (ageMs >= freshMs && time - triedAt >= retryMs) void fetchOnce();
    // Nobody waits for an address that has just failed, because it may take long to fail again.
    if (ageMs >= maxAgeMs && !isFailing) await fetching;
    let jwk = choose(header);
    if (jwk === undefined) {
      await fetchUnknown(header['kid'], before);
      jwk = choose(header);
    }
    if (jwk === undefined) return undefined;
    const fingerprint = `${String(header['alg'])} ${JSON.stringify(jwk)}`;
    const importing = imported.get(fingerprint) ?? importJWK(jwk, String(header['alg'])).catch(() => undefined);
    imported.set(fingerprint, importing);
    const key = await importing;
    return key && { key, fingerprint };
  };
}

const curves: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
};
const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/** The signature algorithms that a public key fits; none for shared secrets and keys for encryption. */
function algorithmsOf({ kty, crv = '', use, alg }: JWK): readonly string[] {
  if (use !== undefined && use !== 'sig') return [];
  const ofType = kty === 'RSA' ? rsa : kty === 'EC' || kty === 'OKP' ? (curves[crv] ?? []) : [];
  return alg === undefined ? ofType : ofType.filter((name) => name === alg);
}

/** Finds a shared secret, only for the algorithms that use one. */
export function sharedSecret(secret: string): FindKey {
  const key = new TextEncoder().encode(secret);
  return async ({ alg }) => (isShared(alg) ? { key, fingerprint: secret } : undefined);
}

const isShared = (alg: unknown) => alg === 'HS256' || alg === 'HS384' || alg === 'HS512';
