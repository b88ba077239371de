import type { IncomingHttpHeaders } from 'node:http';

/** The accepted values of `charset`; ASCII is a subset of UTF-8. */
const charsets: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * Why the body cannot be read as text, judged by the headers: it is compressed or not in UTF-8. Undefined if it can be
 * read. The sentence has no full stop.
 */
export function unreadableBody(headers: IncomingHttpHeaders): string | undefined {
  if (headers['content-length'] === '0') return undefined;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return undefined;
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding && encoding !== 'identity') return '"Content-Encoding" is not supported: send the body uncompressed';
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && !charsets.has(charset)) return '"Content-Type" must have the charset UTF-8, or none';
  return undefined;
}
