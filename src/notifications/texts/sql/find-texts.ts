import type { Sql } from '../../../database/sql.ts';
import type { TextRequest } from '../../../query/collection.ts';
import { stateKey } from '../state.ts';

/**
 * Number of newest rows that are checked first. A text that several of them contain is frequent; reading the list in
 * its order finds a frequent text faster than the index does.
 */
const sampleRows = 200;
const frequentInSample = 3;

/**
 * Finds the notifications that may contain a text. Returns one row `{ indexed, queued }` with two lists of keys, each
 * limited to `maxKeys` + 1. Returns no row if the index is incomplete, the index does not contain such words, or the
 * text is frequent and such texts are to be left out. Queued rows are checked directly, so a notification is found as soon as it is written. The copied
 * texts may be outdated, so the caller must check the rows as well. The SQL is composed for each request, because
 * conditions that are always true would keep the planner from using the index.
 */
export function findTexts({ text, pattern, owner, recipient, maxKeys, skipsFrequentTexts }: TextRequest): Sql {
  const values: unknown[] = [pattern, maxKeys + 1, hasAsciiTrigram(text)];
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
      ${skipsFrequentTexts ? sample : ''}`,
    values,
    owner,
  };
}

/** Whether an index of ASCII words can find the text: its trigrams consist of ASCII letters and digits. */
function hasAsciiTrigram(text: string): boolean {
  return /[a-z0-9]{3}/i.test(text);
}
