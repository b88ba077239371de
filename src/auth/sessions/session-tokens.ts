import DataLoader from 'dataloader';
import type { ServicePrisma } from '../../database/prisma.ts';
import type { SignedTokenKind } from '../signed/signed-tokens.ts';
import type { FoundSession } from '../sql/find-sessions.ts';
import type { AuthMethods } from '../sql/methods.ts';
import { tokenHash } from '../token-hash.ts';
import { accessIssuer, verifyAccessJwt } from './access-jwt.ts';
import type { SigningKey } from './signing-key.ts';

/** Milliseconds between updates of the last use. */
const accessIntervalMs = 60_000;
const maxPerQuery = 500;

/** The access tokens of sign-ins: each is valid as long as its sign-in. */
export function sessionTokens({
  prisma,
  key,
  now,
}: {
  readonly prisma: ServicePrisma<AuthMethods>;
  readonly key: SigningKey;
  readonly now: () => Date;
}): SignedTokenKind {
  // Open connections are checked together, so their sign-ins are read together.
  const sessions = new DataLoader<string, FoundSession | undefined>(
    async (ids) => {
      const time = now();
      const dueBefore = new Date(time.getTime() - accessIntervalMs);
      const found = await prisma.session.findValid([...new Set(ids)], time, dueBefore);
      const used = found.filter(({ is_last_use_stale }) => is_last_use_stale).map(({ id }) => id);
      if (used.length > 0) recordUse(prisma, used, time);
      const byId = new Map(found.map((session) => [session.id, session]));
      return ids.map((id) => byId.get(id));
    },
    { cache: false, maxBatchSize: maxPerQuery },
  );

  return {
    recognizes: ({ claims }) => claims['iss'] === accessIssuer,
    async verify({ text }) {
      const { userId, sessionId, secret, issuedAt, expiresAt } = await verifyAccessJwt(await key(), text, now());
      const hash = secret === null ? undefined : Buffer.from(tokenHash(secret)).toString('hex');
      return {
        userId,
        credential: { kind: 'session', id: sessionId, scopes: null, expires_at: expiresAt },
        issuedAt,
        role: undefined,
        async isTrusted() {
          const session = await sessions.load(sessionId);
          if (session?.user_id !== userId) return false;
          return hash === undefined || hash === session.sha256 || hash === session.previous_sha256;
        },
      };
    },
  };
}

/** Not awaited, and a failure is harmless: the next request tries again. */
function recordUse({ session }: ServicePrisma, ids: string[], at: Date): void {
  session.updateMany({ where: { id: { in: ids } }, data: { last_used_at: at } }).catch(() => undefined);
}
