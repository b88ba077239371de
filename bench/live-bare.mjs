// The limit for live changes: a bare `ws` server with the same handshake and framing, without users or subscriptions.
// It keeps only the sockets, and sends one prepared message to all of them.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const http = createServer();
const sockets = new WebSocketServer({ server: http, handleProtocols: (protocols) => [...protocols][0] });
const ack = JSON.stringify({ type: 'connection_ack' });
let ready = Buffer.alloc(0);

sockets.on('connection', (socket) => socket.on('message', onMessage));

function onMessage(data) {
  const { type, payload } = JSON.parse(data);
  if (type === 'connection_init') this.send(ack);
  if (type === 'ready') ready = Buffer.from(payload);
  if (type === 'broadcast') for (const socket of sockets.clients) if (socket !== this) socket.send(ready, asText);
}
const asText = { binary: false };

process.on('SIGTERM', () => process.exit(0));
http.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${http.address().port}\n`));
