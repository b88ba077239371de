// Answers webhooks immediately, and reports to its parent when the requested number has arrived.
import { createServer } from 'node:http';

let left = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(204).end();
    left -= 1;
    if (left === 0) process.send({ kind: 'answer', at: performance.timeOrigin + performance.now() });
  });
});

process.on('message', ({ count }) => {
  if (count !== undefined) left = count;
});
process.on('SIGTERM', () => process.exit(0));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
