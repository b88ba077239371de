/** Who a mail is from. */
export interface Mailbox {
  /** Empty: only the address is shown. */
  readonly name: string;
  readonly address: string;
}

// The parts of an address without quotes, comments and what parts addresses from each other.
const address = /^[^\s<>@,;:"()[\]\\\p{Cc}]+@[^\s<>@,;:"()\\\p{Cc}]+$/u;
const named = /^(.*?)<([^<>]*)>$/;
const quoted = /^"((?:[^"\\]|\\.)*)"$/;

/**
 * Reads one mailbox: `a@b`, `<a@b>`, `Name <a@b>` or `"Name" <a@b>`. A name may hold what else has a meaning in mail,
 * such as a colon or a comma. Undefined for what is no single mailbox.
 */
export function parseMailbox(text: string): Mailbox | undefined {
  const given = text.trim();
  if (/\p{Cc}/u.test(given)) return undefined;
  const [, before = '', inside = given] = named.exec(given) ?? [];
  const name = before.trim();
  const [, unquoted] = quoted.exec(name) ?? [];
  const isSound = unquoted !== undefined || !holdsSeveral(name);
  if (!address.test(inside.trim()) || !isSound) return undefined;
  return { name: unquoted?.replace(/\\(.)/g, '$1') ?? name, address: inside.trim() };
}

/** Whether a name without quotes is the beginning of a list of addresses, or ends where it should not. */
function holdsSeveral(name: string): boolean {
  return /[<>"]/.test(name) || /@[^\s,;]*\s*[,;]/.test(name);
}
