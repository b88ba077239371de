import { Environment } from './environment.ts';
import { findNearNames, type NearName } from './near-names.ts';
import { secretNames } from './secret-files.ts';

/** Thrown for an invalid environment. The message has one line for each fault, which begins with the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(faults: readonly string[]) {
    super(`Invalid environment:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/** The names of all variables that the service reads, without the `_FILE` form of secrets. */
export const variableNames: readonly string[] = Object.keys(Environment.shape);

/** The variables that are set and look like a misspelling of one that the service reads. */
export function misspelt(environment: Readonly<Record<string, string | undefined>> = process.env): readonly NearName[] {
  return findNearNames(environment, [...variableNames, ...secretNames.map((name) => `${name}_FILE`)]);
}

/** The message about a misspelt variable. */
export const nearText = (name: string, meant: string) => `${name}: is not read; did you mean ${meant}?`;

/** Returns the first fault of each variable, in the form `NAME: fault`. */
export function faultsOf(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string[] {
  const faults = new Map<string, string>();
  for (const { path, message } of issues) {
    const name = path.join('.');
    if (!faults.has(name)) faults.set(name, `${name}: ${message}`);
  }
  return [...faults.values()];
}
