import type { Command } from 'commander';
import { printRows } from '../output.ts';
import { openService, type ServiceOptions, withService } from '../service.ts';

const columns = { id: 'ID', created_at: 'CREATED' };
const fields = Object.keys(columns).join(' ');
type Keys = readonly Record<string, unknown>[];

/** `tidings signing-keys` */
export function addSigningKeys(program: Command): void {
  const keys = program.command('signing-keys').description('list and rotate the keys that sign minted tokens');
  withService(keys.command('list')).description('list the keys, newest first').action(list);
  withService(keys.command('rotate'))
    .description('sign with a new key; the previous one stays valid, tokens of older ones are refused within a minute')
    .action(rotate);
}

async function list(options: ServiceOptions): Promise<void> {
  const service = await openService(options);
  const { signing_keys: keys } = await service.request<{ signing_keys: Keys }>(`{ signing_keys { ${fields} } }`);
  show(keys, options);
}

async function rotate(options: ServiceOptions): Promise<void> {
  const service = await openService(options);
  const { rotate_signing_keys: keys } = await service.request<{ rotate_signing_keys: Keys }>(
    `mutation { rotate_signing_keys { ${fields} } }`,
  );
  show(keys, options);
}

function show(keys: Keys, { json }: ServiceOptions): void {
  printRows(keys, { columns, isJson: json === true, empty: 'There is no key yet; the first minted token makes one.' });
}
