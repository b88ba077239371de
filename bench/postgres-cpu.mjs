import { readFile } from 'node:fs/promises';

const nsPerMs = 1_000_000;

/**
 * Returns a function for the CPU time that PostgreSQL's processes of this database have used, in milliseconds; NaN where
 * there is no `/proc` or PostgreSQL runs on another machine.
 * @param {import('pg').Client} client
 */
export function postgresCpuMs(client) {
  return async () => {
    const { rows } = await client.query('select pid from pg_stat_activity where datname = current_database()');
    const times = await Promise.all(
      rows.map(async ({ pid }) => {
        try {
          const [running] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
          return Number(running) / nsPerMs;
        } catch {
          return Number.NaN;
        }
      }),
    );
    return times.reduce((sum, time) => sum + time, 0);
  };
}
