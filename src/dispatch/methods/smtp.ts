import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import type { SmtpConfig } from '../../config.ts';
import { StartError } from '../../start-error.ts';
import { type MailFrame, mailOf } from './mail.ts';
import { type Outcome, type Sender, sent, signalOf } from './method.ts';

/** How mail is sent. */
export interface SmtpOptions {
  /** Undefined: nothing is configured, and every message fails. */
  readonly config: SmtpConfig | undefined;
  readonly frame: () => MailFrame;
  /** Most connections at one time. */
  readonly connections: number;
  readonly timeoutMs: number;
}

const address = /^[^<>@\s,;]+@[^<>@\s,;]+$/;
/** Mail servers turn away who comes with more. */
const mostConnections = 10;
/** What a server answers to a command that it does not know or has not got. */
const unknownCommand: ReadonlySet<unknown> = new Set([500, 502, 503, 504]);

/**
 * Sends e-mails with a text and an HTML part over a pool of connections.
 * @throws StartError naming a file of the configuration that cannot be read.
 */
export function createSmtp({ config, frame, connections, timeoutMs }: SmtpOptions): Sender {
  if (config === undefined) {
    const outcome: Outcome = { kind: 'fail', reason: 'no mail server is configured' };
    return { name: 'smtp', deliver: async () => outcome, close: async () => undefined };
  }
  const maxConnections = Math.min(connections, mostConnections);
  const transport = createTransport({ ...transportOf(config), ...limits(timeoutMs), maxConnections, pool: true });
  // Without a listener, the fault of a connection that nobody uses would end the process.
  transport.on('error', () => undefined);

  return {
    name: 'smtp',
    concurrency: maxConnections,
    async deliver(message, attempt) {
      const to = message.user.user_email;
      if (!address.test(to)) return { kind: 'fail', reason: 'the user has no e-mail address' };
      const { subject, text, html, unsubscribeUrl } = mailOf(message, frame());
      try {
        await transport.sendMail({
          from: { ...config.from },
          to: { name: '', address: to },
          subject: unencoded(subject),
          text,
          html,
          messageId: `<${message.id}@${new URL(frame().baseUrl).hostname}>`,
          list: { unsubscribe: unsubscribeUrl },
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: signalOf(attempt),
          // The words of a message must not fetch anything.
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        return sent;
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: async () => transport.close(),
  };
}

function transportOf({ url, passwordFile, caFile, certFile, keyFile }: SmtpConfig) {
  const server = new URL(url);
  const user = decodeURIComponent(server.username);
  const pass =
    passwordFile === undefined ? decodeURIComponent(server.password) : read(passwordFile).replace(/\r?\n$/, '');
  // The rest goes as it is: nodemailer reads its options from the query.
  server.username = '';
  server.password = '';
  return {
    url: server.href,
    ...(user !== '' && { auth: { user, pass } }),
    // Credentials that a server does not ask for are a mistake to be told of, not to be passed over.
    forceAuth: user !== '',
    tls: {
      ...(caFile !== undefined && { ca: read(caFile) }),
      ...(certFile !== undefined && { cert: read(certFile) }),
      ...(keyFile !== undefined && { key: read(keyFile) }),
    },
  };
}

/** Bytes of an encoded word, which has 75 characters at most. */
const wordBytes = 45;

/**
 * A subject that is shown as it is. One that holds what looks like an encoded word would be sent as it is, and shown
 * decoded: it is encoded itself.
 * @see https://www.rfc-editor.org/rfc/rfc2047
 */
export function unencoded(subject: string): string {
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
    // Whether a broken connection is worth another try is the dispatcher's to say; one covers an idle one that ended.
    maxRequeues: 1,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(`The file ${file} of the mail configuration cannot be read: ${message}.`, { cause: error });
  }
}

/**
 * Servers refuse for many reasons that pass, also with 5xx, and may say what is no answer at all: only what is wrong on
 * this side, which no server was asked about, is final.
 */
function outcomeOf(error: unknown): Outcome {
  const { message, code, response, responseCode } = error as Readonly<Record<string, unknown>>;
  const reason = String(message || code || 'the mail could not be sent');
  if (code === 'EAUTH' && (response === undefined || unknownCommand.has(responseCode))) {
    return { kind: 'fail', reason: `the mail server has no use for the credentials: ${reason}` };
  }
  const isFinal = (code === 'EENVELOPE' || code === 'EMESSAGE') && response === undefined;
  return isFinal ? { kind: 'fail', reason } : { kind: 'retry', reason };
}
