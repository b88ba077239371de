import { Socket } from 'node:net';
import { jest } from '@jest/globals';

/**
 * Resolves when the server cuts the connection. Observed in the server, because a client that reads nothing does not
 * notice. Restore all mocks afterwards.
 */
export function connectionCut({ localPort }: Socket): Promise<void> {
  const destroy = Socket.prototype.destroy;
  return new Promise((resolve) => {
    jest.spyOn(Socket.prototype, 'destroy').mockImplementation(function (this: Socket, ...args) {
      if (this.remotePort === localPort) resolve();
      return destroy.apply(this, args);
    });
  });
}
