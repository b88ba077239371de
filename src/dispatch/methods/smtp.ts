import { readFileSync } from 'node:fs';
import type { SmtpConfig } from '../../config.ts';
import { StartError } from '../../start-error.ts';
import { type MailFrame, renderMail } from './mail-content.ts';
import { failureReason, type Outcome, type SingleMethod, sent, signalOf } from './method.ts';
import { type ResetToken, renderResetMail, resetLink } from './reset-mail.ts';

export interface SmtpOptions {
  /** Undefined if no mail server is configured; every attempt then fails. */
  readonly config: SmtpConfig | undefined;
  readonly frame: () => MailFrame;
  readonly resetToken: ResetToken;
  /** Maximum number of concurrent connections. */
  readonly connections: number;
  readonly timeoutMs: number;
}

const address = /^[^<>@\s,;]+@[^<>@\s,;]+$/;
/** Mail servers reject clients with many connections. */
const maxPoolConnections = 10;
/** Response codes to a command that the server does not know or support. */
const unknownCommand: ReadonlySet<unknown> = new Set([500, 502, 503, 504]);

/**
 * Sends e-mails with a text and an HTML part over a pool of connections.
 * @throws StartError naming the configured file that cannot be read
 */
export function createSmtp({ config, frame, resetToken, connections, timeoutMs }: SmtpOptions): SingleMethod {
  if (config === undefined) {
    const outcome: Outcome = { kind: 'failed', reason: 'no mail server is configured' };
    return { name: 'smtp', deliver: async () => outcome, close: async () => undefined };
  }
  const maxConnections = Math.min(connections, maxPoolConnections);
  const options = { ...transportOf(config), ...limits(timeoutMs), maxConnections, pool: true as const };
  const opening = import('nodemailer').then(({ createTransport }) => {
    const transport = createTransport(options);
    // Without a listener, an error on an idle connection would crash the process.
    transport.on('error', () => undefined);
    return transport;
  });

  return {
    name: 'smtp',
    concurrency: maxConnections,
    async deliver(message, attempt) {
      const to = message.user.user_email;
      if (!address.test(to)) return { kind: 'failed', reason: 'the user has no e-mail address' };
      const { password_reset: reset } = message.payload;
      let token: string | undefined;
      try {
        token = reset && (await resetToken(message.user.user_id, reset));
      } catch (error) {
        return { kind: 'retry', reason: `the link could not be made: ${failureReason(error)}` };
      }
      const { subject, text, html, unsubscribeUrl } =
        reset === undefined || token === undefined
          ? renderMail(message, frame())
          : renderResetMail(message, reset.language, resetLink(reset, token, frame()), frame());
      try {
        const transport = await opening;
        await transport.sendMail({
          from: { ...config.from },
          to: { name: '', address: to },
          subject: protectEncodedWords(subject),
          text,
          html,
          messageId: `<${message.id}@${config.from.address.split('@')[1] ?? 'localhost'}>`,
          headers: { 'Auto-Submitted': 'auto-generated', ...(unsubscribeUrl !== undefined && oneClick) },
          ...(unsubscribeUrl !== undefined && { list: { unsubscribe: unsubscribeUrl } }),
          signal: signalOf(attempt),
          // Message text must not make nodemailer read files or fetch URLs.
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        return sent;
      } catch (error) {
        return withoutToken(outcomeOf(error), token);
      }
    },
    close: async () => (await opening).close(),
  };
}

/** RFC 8058: a POST to the URL unsubscribes without asking for confirmation. */
const oneClick = { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } as const;

/** A mail server may quote the link that it rejects; reasons are stored and logged. */
function withoutToken(outcome: Outcome, token: string | undefined): Outcome {
  if (token === undefined || outcome.kind === 'sent') return outcome;
  const isQuoted = token.split('.').some((part) => outcome.reason.includes(part));
  return isQuoted ? { ...outcome, reason: 'the mail server rejected the mail and quoted its link' } : outcome;
}

/**
 * Connects and signs in to the mail server, and sends nothing.
 * @throws Error with the reason; StartError naming the configured file that cannot be read
 */
export async function verifySmtp(config: SmtpConfig, timeoutMs: number): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({ ...transportOf(config), ...limits(timeoutMs) });
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

function transportOf({ url, passwordFile, caFile, certFile, keyFile }: SmtpConfig) {
  const server = new URL(url);
  const user = decodeURIComponent(server.username);
  const pass =
    passwordFile === undefined
      ? decodeURIComponent(server.password)
      : readConfigured(passwordFile).replace(/\r?\n$/, '');
  // The rest of the URL is passed on: nodemailer reads options from its query.
  server.username = '';
  server.password = '';
  return {
    url: server.href,
    ...(user !== '' && { auth: { user, pass } }),
    // If the server offers no authentication, fail instead of silently sending without the configured credentials.
    forceAuth: user !== '',
    tls: {
      ...(caFile !== undefined && { ca: readConfigured(caFile) }),
      ...(certFile !== undefined && { cert: readConfigured(certFile) }),
      ...(keyFile !== undefined && { key: readConfigured(keyFile) }),
    },
  };
}

/** Maximum number of bytes to encode in one encoded word, which may have at most 75 characters. */
const wordBytes = 45;

/**
 * Protects a subject that contains text in the form of an encoded word: nodemailer would send it unchanged and mail
 * clients would decode it. Such a subject is encoded; any other is returned unchanged.
 * @see https://www.rfc-editor.org/rfc/rfc2047
 */
export function protectEncodedWords(subject: string): string {
  if (!subject.includes('=?')) return subject;
  const words = [''];
  for (const character of subject) {
    const word = words.at(-1) + character;
    if (Buffer.byteLength(word) > wordBytes) words.push(character);
    else words[words.length - 1] = word;
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

function limits(timeoutMs: number) {
  return {
    maxMessages: 1000,
    // The dispatcher decides on retries. The one requeue is for an idle connection that the server has closed.
    maxRequeues: 1,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  };
}

function readConfigured(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(`The file ${file} of the mail configuration cannot be read: ${message}.`, { cause: error });
  }
}

/**
 * Servers often reject mail for temporary reasons, even with 5xx, or respond with garbage. So only two kinds of errors
 * fail for good: those raised before any response of a server, and credentials that the server does not support.
 */
function outcomeOf(error: unknown): Outcome {
  const { message, code, response, responseCode } = error as Readonly<Record<string, unknown>>;
  const reason = String(message || code || 'the mail could not be sent');
  if (code === 'EAUTH' && (response === undefined || unknownCommand.has(responseCode))) {
    return { kind: 'failed', reason: `the mail server does not support authentication: ${reason}` };
  }
  const isFinal = (code === 'EENVELOPE' || code === 'EMESSAGE') && response === undefined;
  return isFinal ? { kind: 'failed', reason } : { kind: 'retry', reason };
}
