import { Socket } from 'node:net';
import { jest } from '@jest/globals';

/** Resolves when the server cuts the connection, which a peer that reads nothing does not notice. Restore mocks after it. */
export function cutOf({ localPort }: Socket): Promise<void> {
  const destroy = Socket.prototype.destroy;
  return new Promise((resolve) => {
    jest.spyOn(Socket.prototype, 'destroy').mockImplementation(function (this: Socket, ...args) {
      if (this.remotePort === localPort) resolve();
      return destroy.apply(this, args);
    });
  });
}
