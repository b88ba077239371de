import { ambiguousIn } from '../user-keys/find-users.ts';
import { unknownUserIn } from '../user-keys/input.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { withUserIds } from '../user-keys/with-user-ids.ts';

/** A validated item of a write; each field holds any key of a user. */
interface HasUserKeys {
  readonly recipient?: string;
  readonly sender?: string | null;
}

/**
 * Replaces the recipients and senders of the items, which are any keys of users, by ids, and runs the write with these
 * items.
 * @throws ServiceError FAILED_VALIDATION of `recipient` or `sender` for a text that names no user or two users.
 */
export function replaceUserKeys<Item extends HasUserKeys, Result>(
  prisma: UserKeyMethods,
  items: readonly Item[],
  write: (items: readonly Item[]) => Promise<Result>,
): Promise<Result> {
  const recipients = items.flatMap(({ recipient }) => recipient ?? []);
  const senders = items.flatMap(({ sender }) => sender ?? []);
  const fieldOf = (key: string) => (recipients.includes(key) ? 'recipient' : 'sender');
  return withUserIds(
    prisma,
    [...recipients, ...senders],
    {
      ambiguous: (reason, key) => ambiguousIn(fieldOf(key))(reason, key),
      unknown: (key) => unknownUserIn(fieldOf(key), key),
    },
    (idOf) => write(items.map((item) => withIds(item, idOf))),
  );
}

function withIds<Item extends HasUserKeys>(item: Item, idOf: (key: string) => string): Item {
  const recipient = item.recipient === undefined ? undefined : idOf(item.recipient);
  const sender = typeof item.sender === 'string' ? idOf(item.sender) : item.sender;
  // Most callers give ids: those items are not copied.
  if (recipient === item.recipient && sender === item.sender) return item;
  return { ...item, ...(recipient !== undefined && { recipient }), ...(sender !== undefined && { sender }) };
}
