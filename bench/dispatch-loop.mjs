// The limit of the machine: `undici` posts a prepared body with a fixed concurrency, and does nothing else.
import { Agent } from 'undici';
import { performTasks } from './task-process.mjs';

performTasks(async ({ url, count, concurrency, body }) => {
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
  return {};
});
