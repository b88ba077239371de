import { hash } from 'node:crypto';

/**
 * The weak ETag of a response text. It is a hash of the content, so equal responses to different viewers share it.
 * @see RFC 9110 §8.8.3
 */
export function entityTag(text: string): string {
  return `W/"${hash('sha1', text, 'base64url')}"`;
}

/** Whether an `If-None-Match` header contains the ETag, by weak comparison; `*` matches any. */
export function matchesEtag(tag: string, header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const opaque = tag.slice(tag.indexOf('"'));
  // Tags contain no quotation marks but may contain commas.
  return header.match(/"[^"]*"/g)?.includes(opaque) ?? false;
}
