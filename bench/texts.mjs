import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/**
 * Switches on or off whether writes to this database queue texts for the index. It first waits until all queued texts
 * are copied, so that no load does the work of an earlier one.
 * @param {string} url
 * @param {boolean} isOn
 */
export async function setTexts(url, isOn) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    while ((await client.query('select from notification_text_queue limit 1')).rows.length > 0) await delay(100);
    const { rows } = await client.query(
      `select tgname from pg_trigger where tgrelid = 'notifications'::regclass and tgname like 'notifications_queue_%'`,
    );
    for (const { tgname } of rows) {
      await client.query(`alter table notifications ${isOn ? 'enable always' : 'disable'} trigger ${tgname}`);
    }
  } finally {
    await client.end();
  }
}
