// Draws the logo (src/faces/shared/mark.ts) as a PNG: the lines of a list and a dot for unread items.
import { crc32, deflateSync } from 'node:zlib';

const blue = [0x3b, 0x5b, 0xdb];
const white = [0xff, 0xff, 0xff];
const yellow = [0xff, 0xd4, 0x3b];
/** The lines from left to right, in the 32 units of the logo: x of both ends and y. */
const lines = [
  [8, 16, 11.5],
  [8, 24, 17],
  [8, 19, 22.5],
];
const lineWidth = 2.6;
const dot = { x: 22.5, y: 10.5, radius: 3.5 };
const units = 32;
const corner = 8;
/** Systems may cut away everything outside a circle of 80 % of the width. */
const maskableScale = 0.72;

/**
 * @param {{ size: number, isMaskable?: boolean }} options `size` in pixels; a maskable icon has no corners of its own
 * @returns {Buffer} the PNG
 */
export function drawIcon({ size, isMaskable = false }) {
  const scale = (size / units) * (isMaskable ? maskableScale : 1);
  const middle = units / 2;
  const rows = Buffer.alloc(size * (1 + 4 * size));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const x = (column + 0.5 - size / 2) / scale + middle;
      const y = (row + 0.5 - size / 2) / scale + middle;
      // How much of the pixel a shape covers, from its distance in pixels.
      const covered = (distance) => Math.min(Math.max(0.5 - distance * scale, 0), 1);
      let color = blue;
      for (const [from, to, height] of lines) {
        const nearest = Math.min(Math.max(x, from), to);
        color = mix(color, white, covered(Math.hypot(x - nearest, y - height) - lineWidth / 2));
      }
      color = mix(color, yellow, covered(Math.hypot(x - dot.x, y - dot.y) - dot.radius));
      const alpha = isMaskable ? 1 : covered(distanceToSquare(x - middle, y - middle));
      rows.set([...color, Math.round(255 * alpha)], row * (1 + 4 * size) + 1 + 4 * column);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits for each of red, green, blue and alpha.
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The distance of a point to the square with round corners, negative inside. */
function distanceToSquare(x, y) {
  const inner = units / 2 - corner;
  const [outX, outY] = [Math.abs(x) - inner, Math.abs(y) - inner];
  return Math.min(Math.max(outX, outY), 0) + Math.hypot(Math.max(outX, 0), Math.max(outY, 0)) - corner;
}

const mix = (under, over, share) => under.map((value, index) => Math.round(value + (over[index] - value) * share));

function chunk(type, data) {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
