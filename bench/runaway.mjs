// A client that sends requests as fast as it can, whatever the answers are. It is told when to begin and when to end,
// and then says how many answers of each status it got.
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true });
let isRunning = false;
let counts = {};
let clients = [];

async function run(address) {
  while (isRunning) {
    const status = await ask(address).catch(() => 'failed');
    counts[status] = (counts[status] ?? 0) + 1;
  }
}

function ask({ url, path, headers }) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { headers, agent }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode));
      answer.once('error', reject);
    });
    sent.once('error', reject);
    sent.end();
  });
}

process.on('message', async ({ begin, end }) => {
  if (begin) {
    isRunning = true;
    counts = {};
    const { urls, connections, path, headers } = begin;
    clients = Array.from({ length: connections }, (_, index) => run({ url: urls[index % urls.length], path, headers }));
  }
  if (end) {
    isRunning = false;
    await Promise.all(clients);
    process.send({ counts });
  }
});
process.on('disconnect', () => process.exit());
