// What the machine can do at best: ready bodies posted by `undici`, so many at one time, and nothing else.
import { Agent } from 'undici';

process.on('message', async ({ url, count, concurrency, body }) => {
  if (url === undefined) return;
  const { origin, pathname: path } = new URL(url);
  const agent = new Agent({ connections: concurrency, pipelining: 1 });
  let left = count;
  const poster = async () => {
    while (left > 0) {
      left -= 1;
      const headers = { 'content-type': 'application/json', 'x-message-id': String(left) };
      const answer = await agent.request({ origin, path, method: 'POST', headers, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, poster));
  await agent.close();
  process.send({ kind: 'answer' });
});
process.on('SIGTERM', () => process.exit(0));
// The channel to the parent keeps nothing alive.
setInterval(() => undefined, 2 ** 30);
// It serves nobody, but an address is how a measured process says that it is ready.
process.stdout.write('http://127.0.0.1:0\n');
