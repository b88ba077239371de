import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SmtpConfig } from '../../config.ts';
import { verifySmtp } from '../../dispatch/methods/smtp.ts';
import { sentenceOf } from '../failure.ts';
import type { Finding } from './finding.ts';

/** Milliseconds to wait for a server. */
const timeoutMs = 10_000;

/** Connects and signs in to the mail server, and sends nothing. */
export async function reachMail(config: SmtpConfig): Promise<Finding> {
  const { host } = new URL(config.url);
  try {
    await verifySmtp(config, timeoutMs);
    return { check: 'mail', result: 'ok', text: `${host} answers and accepts the sign-in.` };
  } catch (error) {
    const { message } = error as Error;
    return { check: 'mail', result: 'fail', text: `${host}: ${message.split('\n')[0]}.`, cure: 'Check SMTP_URL.' };
  }
}

/** Connects to the endpoint, with TLS for https. It sends no request, because a request could have an effect there. */
export async function reachWebhook(endpoint: string): Promise<Finding> {
  const { protocol, hostname, port, host } = new URL(endpoint);
  const isSecure = protocol === 'https:';
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (isSecure ? 443 : 80) };
  try {
    await new Promise<void>((resolve, reject) => {
      const socket = isSecure ? connectTls({ ...address, servername: hostname }) : connect(address);
      socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer in time')));
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });
    return { check: 'webhook', result: 'ok', text: `${host} accepts connections.` };
  } catch (error) {
    const text = `${host} cannot be reached: ${sentenceOf(error).replace('The command failed: ', '')}`;
    return { check: 'webhook', result: 'fail', text, cure: 'Check WEBHOOK_ENDPOINT.' };
  }
}
