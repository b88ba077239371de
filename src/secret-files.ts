import { readFileSync } from 'node:fs';

type Variables = Readonly<Record<string, string | undefined>>;

/** Variables that hold a secret. Each may be given as a file instead, in the variable `NAME_FILE`. */
export const secretNames: readonly string[] = [
  'DATABASE_URL',
  'SECRET',
  'JWT_SECRET',
  'OIDC_CLIENT_SECRET',
  'ADMIN_PASSWORD',
  'ADMIN_TOKEN',
  'METRICS_TOKEN',
  'SMTP_URL',
  'WEBHOOK_SECRET',
  'EVENT_BUS',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'TIDINGS_TOKEN',
];

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'the user of the service may not read it',
  EISDIR: 'it is a folder',
};

/**
 * Returns the variables, with each secret read from its file, without the newline at the end of the file.
 * @param faults receives a line for each file that cannot be used
 */
export function withSecretFiles(given: Variables, faults: string[]): Variables {
  const secrets: Record<string, string> = {};
  for (const name of secretNames) {
    const variable = `${name}_FILE`;
    const path = given[variable];
    if (path === undefined) continue;
    if (given[name] !== undefined) faults.push(`${variable}: must not be set together with ${name}`);
    else {
      const secret = read(path, (fault) => faults.push(`${variable}: ${fault}`));
      if (secret !== undefined) secrets[name] = secret;
    }
  }
  return { ...given, ...secrets };
}

function read(path: string, report: (fault: string) => void): string | undefined {
  try {
    const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (secret !== '') return secret;
    report(`the file ${path} is empty`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    report(`the file ${path} cannot be read: ${reasons[code ?? ''] ?? message}`);
  }
  return undefined;
}
