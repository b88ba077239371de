import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { addressKey } from '../../client-address.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import type { ServicePrisma } from '../../database/prisma.ts';
import { failedValidation, forbidden, invalidPayload, ServiceError } from '../../errors.ts';
import { isStorable } from '../../values.ts';
import { accountOf, type PasswordGate } from '../password-gate.ts';
import { hashPassword } from '../passwords.ts';
import { announceRevocation } from '../revocations.ts';
import { passwordFault } from '../secret-rules.ts';
import type { AuthClient } from '../sessions/auth-requests.ts';
import { isAllowedUrl } from './allowed-url.ts';
import { type PasswordReset, type ResetTokens, type ResettableUser, resetValidMs } from './reset-tokens.ts';

/** The path of the page that a link leads to, unless the request names another address. */
export const resetPagePath = '/reset-password';

/** An e-mail with a link to send. The link is made when it is sent, so that it is not stored. */
export interface ResetMail {
  readonly userId: string;
  readonly reset: PasswordReset;
  /** The user's language, as a BCP 47 tag. */
  readonly language: string | null;
  /** Where the link leads; null: to the page of the service. */
  readonly resetUrl: string | null;
}

/** Resetting forgotten passwords by e-mail, as Directus does it. */
export interface PasswordResets {
  /**
   * Sends a link to the user with this e-mail address, if there is one who may use it: an active user who does not sign
   * in at an identity provider. The caller does not learn whether there is, not even from the time that this takes.
   * @throws ServiceError INVALID_PAYLOAD for a `reset_url` that is not allowed; REQUESTS_EXCEEDED as `PasswordGate`.
   */
  request(
    input: { readonly email: string; readonly reset_url?: string | null | undefined },
    client: Pick<AuthClient, 'address'>,
  ): Promise<void>;
  /**
   * Checks the token of a link and changes nothing.
   * @throws RefusedToken as `ResetTokens.verify`; ServiceError FORBIDDEN for a token that is used, or whose user has
   * another password or address since, or was suspended or deleted.
   */
  check(token: string): Promise<void>;
  /**
   * Sets a new password and ends all sign-ins of the user, with their connections.
   * @throws as `check`; ServiceError FAILED_VALIDATION for a password that breaks the rules; REQUESTS_EXCEEDED as
   * `PasswordGate` and `hashPassword`.
   */
  reset(
    input: { readonly token: string; readonly password: string },
    client: Pick<AuthClient, 'address' | 'signal'>,
  ): Promise<void>;
}

/** Milliseconds in which a request is answered; all that depends on the user is done in less, or after the answer. */
const answerMs = 500;
/** The account of wrong tokens, which name no user. */
const noAccount = '';

const columns = {
  id: true,
  email: true,
  password_hash: true,
  status: true,
  suspended_at: true,
  language: true,
} as const;

export function createPasswordResets({
  prisma,
  tokens,
  gate,
  now,
  log,
  allowedUrls,
  send,
}: {
  readonly prisma: ServicePrisma;
  readonly tokens: ResetTokens;
  readonly gate: PasswordGate;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'error'>;
  readonly allowedUrls: readonly string[];
  /** Enqueues the e-mail. */
  readonly send: (mail: ResetMail) => Promise<unknown>;
}): PasswordResets {
  async function sendTo(user: ResettableUser & { readonly language: string | null }, resetUrl: string | null) {
    const fingerprint = await tokens.fingerprint(user);
    const expires_at = new Date(now().getTime() + resetValidMs).toISOString();
    await send({ userId: user.id, reset: { fingerprint, expires_at }, language: user.language, resetUrl });
  }

  async function userOf(token: string): Promise<ResettableUser> {
    const { userId, fingerprint } = await tokens.verify(token);
    const user = await prisma.user.findUnique({ where: { id: userId }, select: columns });
    if (user?.status !== 'active' || (await tokens.fingerprint(user)) !== fingerprint) throw invalidLink();
    return user;
  }

  return {
    async request({ email, reset_url: url }, { address }) {
      const resetUrl = url || null;
      if (resetUrl !== null && !isAllowedUrl(resetUrl, allowedUrls)) {
        throw invalidPayload('"reset_url" must be one of the addresses in PASSWORD_RESET_URL_ALLOW_LIST');
      }
      const account = accountOf(email);
      await gate.enter(address, account);
      // Every request counts: each can send an e-mail to somebody.
      gate.count(address, account);
      const answerTime = setTimeout(answerMs);
      const user = isStorable(account)
        ? await prisma.user.findFirst({
            where: { email: account, status: 'active', identities: { none: {} } },
            select: columns,
          })
        : null;
      // Not awaited, so that the answer does not come later if there is such a user.
      if (user !== null) {
        sendTo(user, resetUrl).catch((err: unknown) =>
          log.error({ err }, 'failed to enqueue the mail of a password reset'),
        );
      }
      await answerTime;
    },

    check: async (token) => void (await userOf(token)),

    async reset({ token, password }, { address, signal }) {
      const fault = passwordFault(password);
      if (fault !== null) throw failedValidation('password', 'password', fault);
      await gate.enter(address, noAccount, signal).catch(unlessGone(signal));
      const user = await userOf(token).catch((error: unknown) => {
        // An outage is not a wrong token.
        if (error instanceof ServiceError) gate.count(address, noAccount);
        throw error;
      });
      const entry = { key: addressKey(address), isRefusable: true, signal };
      const password_hash = await hashPassword(password, entry).catch(unlessGone(signal));
      const { id, email, password_hash: old, suspended_at } = user;
      const isChanged = await inTransaction(prisma, async (transaction) => {
        // Of concurrent requests with one token, only the first finds the old password.
        const where = { id, status: 'active', email, password_hash: old, suspended_at };
        const { count } = await transaction.user.updateMany({ where, data: { password_hash } });
        if (count > 0) await transaction.session.deleteMany({ where: { user_id: id } });
        return count > 0;
      });
      if (!isChanged) throw invalidLink();
      announceRevocation(prisma, id);
      if (email !== null) gate.reset(address, email);
    },
  };
}

const invalidLink = () => forbidden('The link has been used, or is no longer valid');

/** Replaces the error of an aborted wait: nobody reads the answer, and nothing is wrong with the service. */
function unlessGone(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    throw signal?.aborted ? invalidLink() : error;
  };
}
