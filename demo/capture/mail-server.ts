import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { CaptureStore } from './captured.ts';

const maxBytes = 10_000_000;

/** Starts a mail server on loopback that accepts every mail, keeps it in the store and delivers none. */
export async function startMailServer(store: CaptureStore): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: maxBytes,
    closeTimeout: 500,
    onData(stream, { envelope }, done) {
      simpleParser(stream).then(({ subject = '', text = '', html, headerLines }) => {
        store.add({
          kind: 'mail',
          to: envelope.rcptTo.map(({ address }) => address).join(', '),
          subject,
          headers: headerLines.map(({ line }) => toHeader(line)),
          text,
          html: html === false ? undefined : html,
        });
        done();
      }, done);
    },
  });
  // The sender notices a broken connection itself, and tries again.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}

/** A header as it was sent, on one line. */
function toHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [
    line.slice(0, colon),
    line
      .slice(colon + 1)
      .replace(/\r?\n\s+/g, ' ')
      .trim(),
  ];
}
