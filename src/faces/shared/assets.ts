import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';

/** The content encodings of assets; `identity` is uncompressed. */
export type Encoding = 'br' | 'gzip' | 'identity';

/** A file that all readers share. */
export interface Asset {
  readonly contentType: string;
  /** Hash of the content. */
  readonly hash: string;
  /** Encoded on first use, then shared by all requests. */
  readonly encoded: (encoding: Encoding) => Promise<Buffer>;
}

/** Ten times as fast as the best quality, and nearly as small. */
const brotliQuality = 5;

const compress = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes),
} as const;

export function createAsset(contentType: string, content: string | Buffer): Asset {
  const bytes = Buffer.from(content);
  const encodings = new Map<Encoding, Promise<Buffer>>([['identity', Promise.resolve(bytes)]]);
  return {
    contentType,
    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 16),
    async encoded(encoding) {
      const existing = encodings.get(encoding);
      if (existing || encoding === 'identity') return existing ?? bytes;
      const compressing = compress[encoding](bytes);
      encodings.set(encoding, compressing);
      return compressing;
    },
  };
}

/** `Cache-Control` of a file whose name contains its hash. */
export const cachePermanently = 'public, max-age=31536000, immutable';

/** Sends a file, encoded as the client accepts, or 304 if its `If-None-Match` names it. */
export async function sendAsset(reply: FastifyReply, asset: Asset): Promise<FastifyReply> {
  const { headers } = reply.request;
  const encoding = encodingFor(headers['accept-encoding']);
  const etag = `"${asset.hash}-${encoding}"`;
  reply.headers({ etag, vary: 'Accept-Encoding' });
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  // All responses share one buffer, so slow clients cost no memory.
  return reply.header('content-type', asset.contentType).send(await asset.encoded(encoding));
}

/** The best encoding that the client accepts. */
function encodingFor(accepted = ''): Encoding {
  const acceptable = accepted.split(',').flatMap((part) => {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    return parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) ? [] : [name];
  });
  return (['br', 'gzip'] as const).find((encoding) => acceptable.includes(encoding)) ?? 'identity';
}
