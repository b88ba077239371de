import { hash } from 'node:crypto';

/**
 * The weak validator of an answer's text. It names the content, so it holds for whoever is answered the same.
 * @see RFC 9110 §8.8.3
 */
export function entityTag(text: string): string {
  return `W/"${hash('sha1', text, 'base64url')}"`;
}

/** Whether an `If-None-Match` header names the validator, compared weakly; `*` names every one that there is. */
export function isNamed(tag: string, header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const opaque = tag.slice(tag.indexOf('"'));
  // A tag holds no quotation marks, but it may hold commas.
  return header.match(/"[^"]*"/g)?.includes(opaque) ?? false;
}
