import { statement } from '../../database/statement.ts';
import type { Figures } from '../states.ts';
import { figuresSql } from './fragments.ts';

const columns = Object.entries(figuresSql('inbox.recipient_id', 'inbox.seen_version'))
  .map(([name, count]) => `${count} as ${name}`)
  .join(', ');

/** Counts the figures of an inbox by indexes that hold only the rows to count; Prisma would need one query for each. */
export const readFigures = statement<Figures>()({
  name: 'read_figures',
  text: `select ${columns} from inboxes as inbox where inbox.recipient_id = $1::uuid`,
  values: (recipient: string) => [recipient],
});
