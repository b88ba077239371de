import { may } from '../auth/rights.ts';
import type { ListedKey, SigningKeys } from '../auth/signed/signing-keys.ts';
import type { Viewer } from '../auth/viewer.ts';
import { forbiddenCollection } from '../errors.ts';

const collection = 'signing_keys';

interface KeysContext {
  readonly viewer: Viewer;
  readonly signingKeys: SigningKeys;
}

/** The keys that sign minted tokens, newest first. @throws ServiceError FORBIDDEN if the viewer may not read them. */
export async function listSigningKeys({ viewer, signingKeys }: KeysContext): Promise<readonly ListedKey[]> {
  if (!may(viewer, 'signing_keys.read')) throw forbiddenCollection(collection, 'read');
  return signingKeys.list();
}

/**
 * Makes a new key, which signs tokens from now on. Tokens of the previous key are still accepted. Older keys are
 * removed: every node refuses their tokens within a minute.
 * @throws ServiceError FORBIDDEN if the viewer may not rotate the keys.
 */
export async function rotateSigningKeys({ viewer, signingKeys }: KeysContext): Promise<readonly ListedKey[]> {
  if (!may(viewer, 'signing_keys.rotate')) throw forbiddenCollection(collection, 'update');
  return signingKeys.rotate();
}
