import type { Sql } from '../../../database/sql.ts';
import type { TextRequest } from '../../../query/collection.ts';
import { stateKey } from '../state.ts';

/**
 * Number of newest rows checked first: a text that several of them contain is frequent, and is found faster by reading
 * the list in its order than through the index.
 */
const sampleRows = 200;
const frequentInSample = 3;

/**
 * Which notifications may contain a text: one row `{ indexed, queued }` of keys, each cut at `most` + 1. No row if the
 * index is incomplete, does not support such words, or the text is frequent. Queued rows are checked directly, so a
 * notification is found as soon as it is written. The copied texts may be outdated, so the caller must check the rows
 * as well. The SQL is composed for each request, because
 * conditions that always hold would keep the planner from using the index.
 */
export function findTexts({ text, pattern, owner, recipient, most, isFrequentLeftOut }: TextRequest): Sql {
  const values: unknown[] = [pattern, most + 1, isAscii(text)];
  const own = recipient === undefined ? '' : `and n.recipient_id = $${values.push(recipient)}::uuid`;
  // Joined only if the request is for one recipient.
  const join = own && `join notifications n on n.id = t.id ${own}`;
  const newest = own
    ? `notifications n join notification_texts t on t.id = n.id where ${own.slice('and '.length)} order by n.id`
    : 'notification_texts t order by t.id';
  const sample = `
    and (
      select count(*) from (select t.text from ${newest} desc limit ${sampleRows}) as sample where text ilike $1::text
    ) < ${frequentInSample}`;
  return {
    text: `
      select array(select t.id from notification_texts t ${join} where t.text ilike $1::text limit $2::bigint) as indexed,
             array(
               select n.id from notification_text_queue cross join lateral unnest(ids) as queued (id)
               join notifications n on n.id = queued.id ${own}
               where n.subject ilike $1::text or n.message ilike $1::text or n.collection ilike $1::text or n.item ilike $1::text
               limit $2::bigint
             ) as queued
      from settings
      where key = '${stateKey}' and (value ->> 'isComplete')::boolean and ($3::boolean or value ->> 'words' = 'unicode')
      ${isFrequentLeftOut ? sample : ''}`,
    values,
    owner,
  };
}

function isAscii(text: string): boolean {
  return /[a-z0-9]{3}/i.test(text);
}
