import type { IncomingHttpHeaders } from 'node:http';

/** What bodies may be announced as: ASCII is UTF-8, too. */
const charsets: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * Why the body of a request cannot be read as text, from its headers alone: it is compressed, or in another character
 * set than UTF-8. Has no full stop; undefined when it can.
 */
export function unreadableBody(headers: IncomingHttpHeaders): string | undefined {
  if (headers['content-length'] === '0') return undefined;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return undefined;
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding && encoding !== 'identity') return '"Content-Encoding": bodies are not compressed';
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && !charsets.has(charset)) return '"Content-Type": bodies are in UTF-8';
  return undefined;
}
