import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/* A minimal WebSocket client, so that one process can have ten thousand of them. Messages stay bytes. */

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };
const subprotocol = 'graphql-transport-ws';
const headEnd = Buffer.from('\r\n\r\n');

/**
 * @typedef {object} Handlers
 * @property {() => void} onOpen
 * @property {(message: Buffer) => void} onMessage the bytes are valid only until it returns
 * @property {(reason: string) => void} onClose
 */

/**
 * @param {{ host: string, port: number, path: string }} address
 * @param {Handlers} handlers
 */
export function openSocket({ host, port, path }, { onOpen, onMessage, onClose }) {
  const socket = connect({ host, port, noDelay: true });
  let isOpen = false;
  let rest = Buffer.alloc(0);
  let reason = 'the connection ended';

  const send = (text, opcode = opcodes.text) => socket.write(frame(Buffer.from(text), opcode));

  socket.on('connect', () => {
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${host}:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        `Sec-WebSocket-Protocol: ${subprotocol}`,
        '\r\n',
      ].join('\r\n'),
    );
  });
  socket.on('data', (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!isOpen) {
      const end = bytes.indexOf(headEnd);
      if (end < 0) {
        rest = bytes;
        return;
      }
      const status = bytes.toString('latin1', 9, 12);
      if (status !== '101') {
        reason = `the handshake was answered with ${status}`;
        socket.destroy();
        return;
      }
      isOpen = true;
      bytes = bytes.subarray(end + headEnd.length);
      onOpen();
    }
    rest = bytes.subarray(takeFrames(bytes, take));
  });
  socket.on('error', (error) => {
    reason = error.message;
  });
  socket.on('close', () => onClose(reason));

  function take(opcode, payload) {
    if (opcode === opcodes.text) onMessage(payload);
    else if (opcode === opcodes.ping) send(payload, opcodes.pong);
    else if (opcode === opcodes.close) {
      reason = `closed with ${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`;
      socket.end();
    }
  }

  return { send, destroy: () => socket.destroy() };
}

/** Calls `take` with each complete frame; returns where the first incomplete one begins. Servers do not mask frames. */
function takeFrames(bytes, take) {
  let start = 0;
  while (bytes.length - start >= 2) {
    let length = bytes[start + 1] & 127;
    let head = 2;
    if (length === 126) {
      if (bytes.length - start < 4) break;
      length = bytes.readUInt16BE(start + 2);
      head = 4;
    } else if (length === 127) {
      if (bytes.length - start < 10) break;
      length = Number(bytes.readBigUInt64BE(start + 2));
      head = 10;
    }
    const end = start + head + length;
    if (end > bytes.length) break;
    take(bytes[start] & 15, bytes.subarray(start + head, end));
    start = end;
  }
  return start;
}

/** A client must mask its frames; a key of zeros leaves the payload unchanged. */
function frame(payload, opcode) {
  const isShort = payload.length < 126;
  const head = Buffer.alloc(isShort ? 6 : 8);
  head[0] = 128 | opcode;
  head[1] = 128 | (isShort ? payload.length : 126);
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
