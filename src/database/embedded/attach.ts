import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { clusterPaths, clusterUser, findPassword } from './cluster.ts';
import { findPostmaster } from './postmaster.ts';
import { serviceUser } from './service-role.ts';

/** The state of the cluster in a data folder. */
export type FoundCluster =
  /** The folder has no cluster. */
  | { readonly kind: 'none' }
  | { readonly kind: 'stopped' }
  /** The server of the cluster is running. `url` leads to the database of the service, in the role of the service. */
  | { readonly kind: 'running'; readonly url: string };

/**
 * Finds the cluster of a data folder, whoever runs it. Only the user of the service may do this, because the password
 * of the cluster is in its folder.
 * @throws EmbeddedError when the folder belongs to another user.
 */
export async function findCluster(dataDir: string): Promise<FoundCluster> {
  const clusterDir = join(resolve(dataDir), 'postgres');
  const password = await findPassword(clusterDir);
  if (password === undefined) return { kind: 'none' };
  const pidFile = await findPostmaster(await realpath(clusterPaths(clusterDir).data));
  if (pidFile.kind !== 'running') return { kind: 'stopped' };
  // With this role, the service owns everything that is created over this connection.
  const options = encodeURIComponent(`-c role=${serviceUser}`);
  const { port } = pidFile.postmaster;
  return {
    kind: 'running',
    url: `postgresql://${clusterUser}:${password}@127.0.0.1:${port}/${clusterUser}?options=${options}`,
  };
}
