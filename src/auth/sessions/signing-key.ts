import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseIdentity } from '../../database/identity.ts';
import type { ServicePrisma } from '../../database/prisma.ts';

/** The row of `settings` that holds the key, so that all nodes share it and backups contain it. */
const settingKey = 'sign_in_key';

/** Returns the key that signs access tokens. */
export type SigningKey = () => Promise<Uint8Array>;

/**
 * The key is the SHA-256 of the given secret or, without one, of a stored secret that is created at the first use; two
 * nodes that create it at the same time get the same secret. The key is read once, and again after the database was
 * restored.
 */
export function createSigningKey(
  { setting }: Pick<ServicePrisma, 'setting'>,
  secret: string | undefined,
  identity: Pick<DatabaseIdentity, 'onChange'>,
): SigningKey {
  let key: Promise<Uint8Array> | undefined;
  identity.onChange(() => {
    key = undefined;
  });
  async function read(): Promise<Uint8Array> {
    return createHash('sha256')
      .update(secret ?? (await storedSecret(setting)))
      .digest();
  }
  return () => {
    key ??= read().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
}

async function storedSecret(setting: ServicePrisma['setting']): Promise<string> {
  const stored = async () => (await setting.findUnique({ where: { key: settingKey } }))?.value;
  const existing = await stored();
  if (typeof existing === 'string') return existing;
  const value = randomBytes(32).toString('base64');
  await setting.createMany({ data: [{ key: settingKey, value }], skipDuplicates: true });
  return String(await stored());
}
