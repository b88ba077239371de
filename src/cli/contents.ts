import { counted } from './output.ts';

/** Summarizes the contents of a backup. @param rows the number of rows by table */
export function contentsOf({ users = 0, notifications = 0, deliveries = 0 }: Readonly<Record<string, number>>): string {
  const [first, second] = [counted(users, 'user'), counted(notifications, 'notification')];
  return `${first}, ${second} and ${counted(deliveries, 'delivery', 'deliveries')}`;
}
