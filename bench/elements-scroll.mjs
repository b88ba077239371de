// Scrolls an inbox to its end by wheel, in Chromium, and reports the tasks of the page that were longer than 50 ms: by the
// clock, and by the time of the processor, which other programs on the machine do not lengthen.
// Run after `npm run build`: node bench/elements-scroll.mjs [--rows 10000] [--page-size 500]
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { openStage } from './live-stage.mjs';
import { print, table } from './report.mjs';
import { memberToken, recipientId } from './seed.mjs';

/** Maximum milliseconds of one task, so that the page answers at once. */
const longestTaskMs = 50;
const { values } = parseArgs({ options: { rows: { type: 'string' }, 'page-size': { type: 'string' } } });
const rows = Number(values.rows ?? 10_000);
const pageSize = Number(values['page-size'] ?? 100);

const stage = await openStage({ people: 1 });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  await fillInbox(stage.client);
  const { url } = await stage.startService('memory');
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  // Served from the origin of the service, so that no other server is needed.
  await page.route(`${url}/bench`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Scrolling</title><script>
        globalThis.tasks = [];
        new PerformanceObserver((list) => {
          for (const { duration, startTime } of list.getEntries()) tasks.push({ duration, startTime });
        }).observe({ type: 'longtask', buffered: true });
      </script><script type="module" src="/elements/index.js"></script>
      <body style="margin:0"><tidings-inbox layout="page" page-size="${pageSize}" token="${memberToken(1)}"></tidings-inbox></body>`,
    }),
  );
  await browser.startTracing(page, { categories: ['toplevel'] });
  await page.goto(`${url}/bench`);
  await page.locator('.row').first().hover();
  await page.evaluate('tasks.splice(0)');
  const begin = performance.now();
  const last = page.locator(`.row[aria-posinset="${rows}"]`);
  let turns = 0;
  while ((await last.count()) === 0) {
    await page.mouse.wheel(0, 600);
    turns += 1;
  }
  const tookMs = performance.now() - begin;
  const tasks = (await page.evaluate('tasks')).map(({ duration }) => duration).sort((a, b) => b - a);
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  const cpu = cpuOfTasks(traceEvents);
  const over = cpu.filter((ms) => ms > longestTaskMs).length;
  const drawn = await page.locator('.row').count();
  table(
    [
      'scrolling an inbox',
      's',
      'turns of the wheel',
      'rows in the page',
      `tasks over ${longestTaskMs} ms`,
      'longest ms',
      `over ${longestTaskMs} ms of CPU`,
      'longest CPU ms',
    ],
    [
      [
        `${rows} rows, ${pageSize} at once`,
        (tookMs / 1000).toFixed(1),
        String(turns),
        String(drawn),
        String(tasks.length),
        (tasks[0] ?? 0).toFixed(0),
        over === 0 ? '0' : `**${over}**`,
        (cpu[0] ?? 0).toFixed(0),
      ],
    ],
  );
  print('');
} finally {
  await browser.close();
  await stage.close();
}

/** Milliseconds of the processor that each task of the page's main thread took, the longest first. */
function cpuOfTasks(events) {
  const isMain = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf),
  );
  const tasks = events.filter(
    (event) => event.name.endsWith('RunTask') && event.tdur > 0 && isMain.has(threadOf(event)),
  );
  return tasks.map(({ tdur }) => tdur / 1000).sort((a, b) => b - a);
}

function threadOf({ pid, tid }) {
  return `${pid} ${tid}`;
}

/** Adds notifications to the inbox of the member, of several days. */
async function fillInbox(client) {
  const recipient = recipientId(1);
  const { rows: inboxes } = await client.query(
    `update inboxes set version = version + $2::int, unread = unread + $2::int, total = total + $2::int
     where recipient_id = $1 returning version - $2::int as base, total - $2::int as before`,
    [recipient, rows],
  );
  const { base, before } = inboxes[0];
  await client.query(
    `insert into notifications (uuid, recipient_id, timestamp, subject, message, created_version, version)
     select gen_random_uuid(), $1, now() - n * interval '3 minutes', 'Ticket ' || n,
       'Somebody mentioned **you** in ticket ' || n || '. See [the ticket](https://example.com/' || n || ') for details.',
       $3::bigint + n, $3::bigint + n
     from generate_series(1, $2::int) n`,
    [recipient, rows - Number(before), base],
  );
  await client.query(
    'update inboxes set unread = $2::int, total = $2::int, version = $3::bigint + $2::int where recipient_id = $1',
    [recipient, rows, base],
  );
  await client.query('vacuum (analyze) notifications');
}
