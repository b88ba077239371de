import { may } from '../auth/rights.ts';
import type { ListedKey, SigningKeys } from '../auth/signed/signing-keys.ts';
import type { Viewer } from '../auth/viewer.ts';
import { forbiddenCollection } from '../errors.ts';

const collection = 'signing_keys';

interface KeysContext {
  readonly viewer: Viewer;
  readonly signingKeys: SigningKeys;
}

/** The keys of minted tokens, newest first. @throws ServiceError FORBIDDEN without the right. */
export async function listSigningKeys({ viewer, signingKeys }: KeysContext): Promise<readonly ListedKey[]> {
  if (!may(viewer, 'signing_keys.read')) throw forbiddenCollection(collection, 'read');
  return signingKeys.list();
}

/**
 * Makes a new key, which signs from now on. The previous one is still accepted, older ones are removed: their tokens
 * are refused within a minute on every node.
 * @throws ServiceError FORBIDDEN without the right.
 */
export async function rotateSigningKeys({ viewer, signingKeys }: KeysContext): Promise<readonly ListedKey[]> {
  if (!may(viewer, 'signing_keys.rotate')) throw forbiddenCollection(collection, 'update');
  return signingKeys.rotate();
}
