import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { aCounter } from './stage.ts';

/** An SMTP server that records the mails it receives. */
export interface MailServer {
  readonly port: number;
  /** `smtp://127.0.0.1:port` */
  readonly url: string;
  readonly mails: ParsedMail[];
  /** How each session signed in: the mechanism and the credentials. */
  readonly logins: { readonly method: string; readonly username: string; readonly password: string }[];
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

const file = (name: string) => new URL(`certificates/${name}`, import.meta.url).pathname;

/** The certificate of `mail.example.com` and the authority that signed it. */
export const certificates = { ca: file('ca.pem'), cert: file('server.pem'), key: file('server-key.pem') };

/** @param options default: accepts all mails without authentication or TLS */
export async function aMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: ParsedMail[] = [];
  const logins: { method: string; username: string; password: string }[] = [];
  const counter = aCounter();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    key: readFileSync(certificates.key),
    cert: readFileSync(certificates.cert),
    onAuth({ method, username, password }, _session, done) {
      logins.push({ method, username: username ?? '', password: password ?? '' });
      done(null, { user: username ?? '' });
    },
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
        counter.add();
      }, done);
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails,
    logins,
    received: counter.reached,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}
