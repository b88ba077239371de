import type { ServicePrisma } from '../../database/prisma.ts';
import type { TokenIssuer } from '../../generated/prisma/client.ts';
import type { Seal } from '../seal.ts';
import { toScopes } from '../viewer.ts';
import { createCachedRead } from './cached-read.ts';
import { type Issuer, userKeys } from './issuer.ts';

/** An issuer as it is now; another object after each change. */
export interface KnownIssuer extends Issuer {
  /** Different after each change. */
  readonly revision: string;
}

/** The issuers whose tokens this node accepts. */
export interface Issuers {
  find(issuer: string): Promise<KnownIssuer | undefined>;
  /** Forgets what was read, after a change on this node. */
  invalidate(): void;
  /** The issuer of the settings; it cannot be changed by callers. */
  readonly configured: Issuer | undefined;
  readonly seal: Seal;
}

export interface IssuersOptions {
  readonly prisma: ServicePrisma;
  readonly seal: Seal;
  readonly now: () => Date;
  readonly configured: Issuer | undefined;
  /** Called when the secret of an issuer cannot be read. */
  readonly onUnreadable: (error: unknown) => void;
}

/** Milliseconds for which issuers are used without reading them again. */
const freshMs = 15_000;
/** Minimum milliseconds between reads for unknown issuers. */
const unknownSpacingMs = 50;

export function createIssuers({ prisma, seal, now, configured, onUnreadable }: IssuersOptions): Issuers {
  const settings = configured && { ...configured, revision: 'settings' };
  const stored = createCachedRead(readIssuers, now);

  async function readIssuers(): Promise<ReadonlyMap<string, KnownIssuer>> {
    const rows = await prisma.tokenIssuer.findMany();
    return new Map(rows.flatMap((row) => toKnown(row) ?? []).map((issuer) => [issuer.issuer, issuer]));
  }

  function toKnown(row: TokenIssuer): KnownIssuer | undefined {
    try {
      const secret = row.secret && seal.open(row.secret);
      return { ...row, ...toIssuer(row, secret), revision: `${row.id} ${row.updated_at.getTime()}` };
    } catch (error) {
      onUnreadable(error);
      return undefined;
    }
  }

  return {
    configured,
    seal,
    invalidate: stored.invalidate,
    async find(issuer) {
      if (settings?.issuer === issuer) return settings;
      return (await stored.recent(freshMs)).get(issuer) ?? (await stored.fresh(unknownSpacingMs)).get(issuer);
    },
  };
}

/** Converts a row, with its decrypted secret, to an issuer. */
export function toIssuer(row: TokenIssuer, secret: string | null): Issuer {
  const user_key = userKeys.find((key) => key === row.user_key) ?? 'id';
  return { ...row, secret, user_key, scopes: toScopes(row.scopes) };
}
