import { z } from 'zod';
import { Environment } from './environment.ts';
import { ConfigError, faultsOf } from './environment-faults.ts';
import { withSecretFiles } from './secret-files.ts';

/** How the command `tidings` reaches a running service. */
export interface ServiceAccess {
  readonly url: string;
  readonly token: string | undefined;
  /** The token of the service that this environment configures. It must not be sent to any other service. */
  readonly localToken: string | undefined;
}

/** Reads the URL and the token of the service. @throws ConfigError naming the invalid variables. */
export function readServiceAccess(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ServiceAccess {
  const names: ReadonlySet<string> = new Set(Object.keys(Access.shape).flatMap((name) => [name, `${name}_FILE`]));
  // Other variables are ignored: the user who runs the command may not be allowed to read the files of their secrets.
  const set = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => names.has(name) && value?.trim() !== ''),
  );
  const faults: string[] = [];
  const { data, error } = Access.safeParse(withSecretFiles(set, faults));
  if (error !== undefined) faults.push(...faultsOf(error.issues));
  if (data === undefined || faults.length > 0) throw new ConfigError(faults);
  return {
    url: data.TIDINGS_URL ?? `http://127.0.0.1:${data.PORT}`,
    token: data.TIDINGS_TOKEN,
    localToken: data.TIDINGS_URL === undefined ? data.ADMIN_TOKEN : undefined,
  };
}

const Access = z
  .object(Environment.shape)
  .pick({ TIDINGS_URL: true, TIDINGS_TOKEN: true, PORT: true, ADMIN_TOKEN: true });
