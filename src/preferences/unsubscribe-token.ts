import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DatabaseIdentity } from '../database/identity.ts';
import type { ServicePrisma } from '../database/prisma.ts';

/**
 * What a token switches off: one template for one user, or, if `templateId` is null, all e-mails without a template.
 */
export interface Unsubscription {
  readonly userId: string;
  readonly templateId: string | null;
}

/** The row of `settings` that holds the key, so that all nodes share it and backups contain it. */
const settingKey = 'unsubscribe_key';
const keyBytes = 32;
const uuidBytes = 16;
/** Half of a SHA-256: long enough that it cannot be guessed, and it keeps the URL short. */
const signatureBytes = 16;
const noTemplate = Buffer.alloc(uuidBytes);

/**
 * The key that signs the tokens. It is created when it is first used; if two nodes create it at the same time, both get
 * the same key.
 */
export async function readUnsubscribeKey({ setting }: Pick<ServicePrisma, 'setting'>): Promise<Buffer> {
  const stored = async () => (await setting.findUnique({ where: { key: settingKey } }))?.value;
  const existing = await stored();
  if (typeof existing === 'string') return Buffer.from(existing, 'base64');
  const value = randomBytes(keyBytes).toString('base64');
  await setting.createMany({ data: [{ key: settingKey, value }], skipDuplicates: true });
  return Buffer.from(String(await stored()), 'base64');
}

/**
 * Returns a function that creates tokens. After a restore of the database, the function uses the restored key.
 * @param onError called when the key of the restored database cannot be read
 */
export async function createUnsubscribeSigner(
  prisma: Pick<ServicePrisma, 'setting'>,
  identity: Pick<DatabaseIdentity, 'onChange'>,
  onError: (error: unknown) => void,
): Promise<(userId: string, templateId: string | null) => string> {
  let key = await readUnsubscribeKey(prisma);
  identity.onChange(() => {
    readUnsubscribeKey(prisma).then((current) => {
      key = current;
    }, onError);
  });
  return (userId, templateId) => signUnsubscription(key, { userId, templateId });
}

/** The token of an e-mail. It does not expire, so the link of an old e-mail works. */
export function signUnsubscription(key: Buffer, { userId, templateId }: Unsubscription): string {
  const subject = Buffer.concat([bytesOf(userId), templateId === null ? noTemplate : bytesOf(templateId)]);
  return Buffer.concat([subject, signatureOf(key, subject)]).toString('base64url');
}

/** What the token switches off; undefined if it was not signed with the key. */
export function readUnsubscription(key: Buffer, token: string): Unsubscription | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // Decoding ignores characters that are not base64url, so many texts decode to the same bytes; only one of them is
  // accepted.
  if (bytes.length !== 2 * uuidBytes + signatureBytes || bytes.toString('base64url') !== token) return undefined;
  const subject = bytes.subarray(0, 2 * uuidBytes);
  if (!timingSafeEqual(signatureOf(key, subject), bytes.subarray(2 * uuidBytes))) return undefined;
  const template = subject.subarray(uuidBytes);
  return {
    userId: uuidOf(subject.subarray(0, uuidBytes)),
    templateId: template.equals(noTemplate) ? null : uuidOf(template),
  };
}

// The package `uuid` is not used here, because it rejects UUID versions that PostgreSQL accepts.
function bytesOf(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function signatureOf(key: Buffer, subject: Buffer): Buffer {
  return createHmac('sha256', key).update(subject).digest().subarray(0, signatureBytes);
}
