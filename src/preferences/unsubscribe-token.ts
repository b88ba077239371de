import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import type { DatabaseIdentity } from '../database/identity.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbiddenCollection } from '../errors.ts';

/**
 * What a token switches off for one user: the e-mails of a template; or, if `templateId` is null, all e-mails without a
 * template. A token of a version before there were channels has a template without a channel: it switches the whole
 * template off.
 */
export interface Unsubscription {
  readonly userId: string;
  readonly templateId: string | null;
  readonly channel: 'smtp' | null;
}

/** The rows of `settings` that hold the keys, so that all nodes share them and backups contain them. */
const settingKey = 'unsubscribe_key';
const previousSettingKey = 'unsubscribe_previous_key';
const keyBytes = 32;
const uuidBytes = 16;
/** Half of a SHA-256: long enough that it cannot be guessed, and it keeps the URL short. */
const signatureBytes = 16;
const noTemplate = Buffer.alloc(uuidBytes);
/** Follows user and template in tokens for the e-mails of a template. */
const smtpByte = Buffer.from([1]);

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

/** The keys whose tokens are valid: the current one and, after a rotation, the one before it. */
export async function readUnsubscribeKeys(prisma: Pick<ServicePrisma, 'setting'>): Promise<readonly Buffer[]> {
  const current = await readUnsubscribeKey(prisma);
  const previous = (await prisma.setting.findUnique({ where: { key: previousSettingKey } }))?.value;
  return typeof previous === 'string' ? [current, Buffer.from(previous, 'base64')] : [current];
}

/**
 * Replaces the key. Tokens of the replaced key stay valid until the next rotation; older ones no longer are.
 * @throws ServiceError FORBIDDEN unless the viewer may rotate keys
 */
export async function rotateUnsubscribeKey({ prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>): Promise<void> {
  if (!may(viewer, 'signing_keys.rotate')) throw forbiddenCollection('unsubscribe_keys', 'update');
  const previous = (await readUnsubscribeKey(prisma)).toString('base64');
  const value = randomBytes(keyBytes).toString('base64');
  await prisma.$transaction(async ({ setting }) => {
    // Of two rotations at the same time only one happens: the other one finds that the key has changed.
    const { count } = await setting.updateMany({
      where: { key: settingKey, value: { equals: previous } },
      data: { value },
    });
    if (count === 0) return;
    await setting.upsert({
      where: { key: previousSettingKey },
      create: { key: previousSettingKey, value: previous },
      update: { value: previous },
    });
  });
}

/** How long a node may sign with a key after another node has replaced it, in milliseconds. */
const keyMaxAgeMs = 60_000;

/**
 * Returns a function that creates tokens. It uses the current key after a rotation, with a delay, and after a restore of
 * the database.
 * @param onError called when the current key cannot be read
 */
export async function createUnsubscribeSigner(
  prisma: Pick<ServicePrisma, 'setting'>,
  identity: Pick<DatabaseIdentity, 'onChange'>,
  onError: (error: unknown) => void,
): Promise<(userId: string, templateId: string | null) => string> {
  let key = await readUnsubscribeKey(prisma);
  let readAt = performance.now();
  const refresh = () => {
    readAt = performance.now();
    readUnsubscribeKey(prisma).then((current) => {
      key = current;
    }, onError);
  };
  identity.onChange(refresh);
  return (userId, templateId) => {
    if (performance.now() - readAt > keyMaxAgeMs) refresh();
    return signUnsubscription(key, { userId, templateId, channel: 'smtp' });
  };
}

/** The token of an e-mail. It is valid until the key was rotated twice, so the link of an old e-mail works. */
export function signUnsubscription(key: Buffer, { userId, templateId, channel }: Unsubscription): string {
  const subject = Buffer.concat([
    bytesOf(userId),
    ...(templateId === null ? [noTemplate] : [bytesOf(templateId), ...(channel === null ? [] : [smtpByte])]),
  ]);
  return Buffer.concat([subject, signatureOf(key, subject)]).toString('base64url');
}

/** What the token switches off; undefined if it was signed with none of the keys. */
export function readUnsubscription(keys: readonly Buffer[], token: string): Unsubscription | undefined {
  for (const key of keys) {
    const found = readWith(key, token);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readWith(key: Buffer, token: string): Unsubscription | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // Decoding ignores characters that are not base64url, so many texts decode to the same bytes; only one of them is
  // accepted.
  if (bytes.toString('base64url') !== token || bytes.length < 2 * uuidBytes + signatureBytes) return undefined;
  const subject = bytes.subarray(0, -signatureBytes);
  if (!timingSafeEqual(signatureOf(key, subject), bytes.subarray(-signatureBytes))) return undefined;
  const template = subject.subarray(uuidBytes, 2 * uuidBytes);
  const isOfTemplate = !template.equals(noTemplate);
  return {
    userId: uuidOf(subject.subarray(0, uuidBytes)),
    templateId: isOfTemplate ? uuidOf(template) : null,
    channel: isOfTemplate && subject.length === 2 * uuidBytes ? null : 'smtp',
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
