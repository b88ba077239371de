import { setTimeout } from 'node:timers/promises';
import { createResetTokens } from '../../src/auth/password-reset/reset-tokens.ts';
import { createSigningKey } from '../../src/auth/sessions/signing-key.ts';
import type { Database } from '../../src/database/database.ts';
import { readPayload, type StoredReset } from '../../src/dispatch/payload.ts';

/** The tokens of a service without SECRET. */
export function resetTokensOf({ prisma }: Pick<Database, 'prisma'>, now = () => new Date()) {
  return createResetTokens(createSigningKey(prisma, undefined, { onChange: () => () => undefined }), now);
}

/** What is stored of the mails that reset the password of a user, oldest first. */
export async function storedResets({ prisma }: Pick<Database, 'prisma'>, userId: string): Promise<StoredReset[]> {
  const where = { user_id: userId, created_by: 'password-reset' };
  const rows = await prisma.delivery.findMany({ where, orderBy: { id: 'asc' } });
  return rows.flatMap(({ own_payload }) => readPayload(own_payload).password_reset ?? []);
}

/** The token of the newest of `count` mails, which are enqueued after their requests are answered. */
export async function tokenOfMail(db: Pick<Database, 'prisma'>, userId: string, count = 1): Promise<string> {
  const signal = AbortSignal.timeout(30_000);
  for (;;) {
    const resets = await storedResets(db, userId);
    const newest = resets.at(-1);
    if (newest !== undefined && resets.length >= count) return resetTokensOf(db).sign(userId, newest);
    signal.throwIfAborted();
    await setTimeout(10);
  }
}
