import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { clusterPaths, clusterUser, findPassword } from './cluster.ts';
import { findPostmaster } from './postmaster.ts';
import { serviceUser } from './service-role.ts';

/** The state of the cluster in a data folder. */
export type FoundCluster =
  /** There is none yet. */
  | { readonly kind: 'none' }
  | { readonly kind: 'stopped' }
  /** Its server runs; `url` is that of the service's database, in the role of the service. */
  | { readonly kind: 'running'; readonly url: string };

/**
 * Finds the cluster of a data folder, whoever runs it. Needs the rights of the service's own user: the password of the
 * cluster is in its folder.
 * @throws EmbeddedError when the folder belongs to another user.
 */
export async function findCluster(dataDir: string): Promise<FoundCluster> {
  const home = join(resolve(dataDir), 'postgres');
  const password = await findPassword(home);
  if (password === undefined) return { kind: 'none' };
  const residue = await findPostmaster(await realpath(clusterPaths(home).data));
  if (residue.kind !== 'running') return { kind: 'stopped' };
  // What this role creates belongs to the service.
  const options = encodeURIComponent(`-c role=${serviceUser}`);
  const { port } = residue.postmaster;
  return {
    kind: 'running',
    url: `postgresql://${clusterUser}:${password}@127.0.0.1:${port}/${clusterUser}?options=${options}`,
  };
}
