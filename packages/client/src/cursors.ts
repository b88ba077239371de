/** The parts of a cursor: base64url of `<store>.<recipient>.<position>`. */
function partsOf(cursor: string): { readonly inbox: string; readonly position: number } {
  const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
  const end = text.lastIndexOf('.');
  return { inbox: text.slice(0, end), position: Number(text.slice(end + 1)) };
}

/** The inbox that a cursor belongs to, as opaque text: equal for all cursors of one recipient in one store. */
export function inboxOf(cursor: string): string {
  return partsOf(cursor).inbox;
}

/** Whether a cursor is later than another one of the same inbox; false for different inboxes. */
export function isAfter(cursor: string, other: string): boolean {
  const [one, two] = [partsOf(cursor), partsOf(other)];
  return one.inbox === two.inbox && one.position > two.position;
}
