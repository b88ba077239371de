import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts secrets for the database, so that a copy of the database does not reveal them. */
export interface Seal {
  close(text: string): Buffer<ArrayBuffer>;
  /** @throws Error if the text was sealed with another secret, or with any secret while this node has none */
  open(sealed: Uint8Array): string;
}

/** The first byte of a sealed text: whether the rest is the plain text, or encrypted with a key from the secret. */
const forms = { plain: 0, encrypted: 1 } as const;
const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/** @param secret undefined: the text is stored as it is. */
export function createSeal(secret: string | undefined): Seal {
  const keyOf = (given: string, salt: Uint8Array) =>
    Buffer.from(hkdfSync('sha256', given, salt, 'tidings: secrets in the database', 32));
  return {
    close(text) {
      if (secret === undefined) return Buffer.concat([Buffer.from([forms.plain]), Buffer.from(text)]);
      const salt = randomBytes(saltBytes);
      const nonce = randomBytes(nonceBytes);
      const encryption = createCipheriv(cipher, keyOf(secret, salt), nonce);
      const encrypted = Buffer.concat([encryption.update(text, 'utf8'), encryption.final()]);
      return Buffer.concat([Buffer.from([forms.encrypted]), salt, nonce, encryption.getAuthTag(), encrypted]);
    },
    open(sealed) {
      const bytes = Buffer.from(sealed);
      if (bytes[0] === forms.plain) return bytes.subarray(1).toString();
      if (secret === undefined) throw new Error('The text was encrypted with SECRET, which this node does not have.');
      const [salt, nonce, tag, encrypted] = partsOf(bytes);
      const decryption = createDecipheriv(cipher, keyOf(secret, salt), nonce).setAuthTag(tag);
      return Buffer.concat([decryption.update(encrypted), decryption.final()]).toString();
    },
  };
}

function partsOf(bytes: Buffer) {
  const nonceAt = 1 + saltBytes;
  const tagAt = nonceAt + nonceBytes;
  const textAt = tagAt + tagBytes;
  return [
    bytes.subarray(1, nonceAt),
    bytes.subarray(nonceAt, tagAt),
    bytes.subarray(tagAt, textAt),
    bytes.subarray(textAt),
  ] as const;
}
