/** The sender of mails. */
export interface Mailbox {
  /** Empty: only the address is shown. */
  readonly name: string;
  readonly address: string;
}

// An address without quotes, comments and list separators.
const address = /^[^\s<>@,;:"()[\]\\\p{Cc}]+@[^\s<>@,;:"()\\\p{Cc}]+$/u;
const named = /^(.*?)<([^<>]*)>$/;
const quoted = /^"((?:[^"\\]|\\.)*)"$/;

/**
 * Parses one mailbox: `a@b`, `<a@b>`, `Name <a@b>` or `"Name" <a@b>`. The name may contain characters with a meaning in
 * mail, such as a colon or a comma. Undefined for anything but a single mailbox.
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

/** Whether an unquoted name is the start of an address list, or ends too early. */
function holdsSeveral(name: string): boolean {
  return /[<>"]/.test(name) || /@[^\s,;]*\s*[,;]/.test(name);
}
