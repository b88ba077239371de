import type { WebSocket } from 'ws';

/** Pings the peer at this pace and ends the connection when it has not answered by the next ping. */
export function keepAlive(socket: WebSocket, heartbeatMs: number): void {
  let isAlive = true;
  const heartbeat = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    return socket.ping();
  }, heartbeatMs);
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.once('close', () => clearInterval(heartbeat));
}
