import { createHash } from 'node:crypto';
import type { ResetMail } from '../auth/password-reset/password-resets.ts';
import type { DispatchPort } from './dispatch-port.ts';
import { idPrefix, type Payload, payloadVersion } from './payload.ts';
import type { DispatchMethods } from './sql/methods.ts';

/** A user gets one mail in this many milliseconds, from whatever addresses it is asked for; the rest are not sent. */
const oneInMs = 5 * 60 * 1000;

/** Enqueues the mail that resets a password. It is sent by SMTP whatever the methods and preferences are. */
export async function sendPasswordReset(
  {
    prisma,
    dispatch,
    now,
  }: {
    readonly prisma: Pick<DispatchMethods, 'delivery'>;
    readonly dispatch: Pick<DispatchPort, 'wake'>;
    readonly now: () => Date;
  },
  { userId, reset, language, resetUrl }: ResetMail,
): Promise<void> {
  const payload: Payload = {
    _version: payloadVersion,
    notification_name: 'Password Reset',
    // There is no such template in the database, whose method could be changed and whose mails could be switched off.
    notification_template_id: '',
    actions: [],
    labels: {},
    data: null,
    targets: [],
    password_reset: { fingerprint: reset.fingerprint, expires_at: reset.expires_at, language, reset_url: resetUrl },
  };
  const time = now();
  const period = Math.floor(time.getTime() / oneInMs);
  const [stored] = await prisma.delivery.enqueuePasswordReset({
    userId,
    payload: JSON.stringify(payload),
    // With the fingerprint: a link that a new password has made invalid is no reason not to send another.
    dedupeHash: createHash('sha256').update(`password reset ${userId} ${period} ${reset.fingerprint}`).digest('hex'),
    idPrefix: idPrefix(time),
  });
  if ((stored?.count ?? 0) > 0) dispatch.wake();
}
