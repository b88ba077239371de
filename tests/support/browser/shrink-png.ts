import { crc32, deflateSync, inflateSync } from 'node:zlib';

/**
 * Encodes a screenshot again with a palette, which is smaller. If it has more than 256 colours, as the edges of letters
 * have many, the rarest colours are replaced by similar ones.
 * @param png a picture with 3 or 4 channels of 8 bits, not interlaced, as Chromium writes it
 */
export function shrinkPng(png: Buffer): Buffer {
  const chunks = [...chunksOf(png)];
  const header = chunks.find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = header[9] === 6 ? 4 : 3;
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data)));
  const pixels = unfilter(data, { stride: width * channels, height, channels });
  const { indexes, palette } = toPalette(pixels, channels);
  const lines = Buffer.alloc((width + 1) * height);
  // The first byte of a line says that the line has no filter.
  for (let y = 0; y < height; y++) indexes.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width);
  const indexed = Buffer.from(header);
  indexed[9] = 3;
  return Buffer.concat([
    png.subarray(0, 8),
    chunk('IHDR', indexed),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const maxColors = 256;
/** Number of frequent colours in the palette; the others are rare colours that differ much from these. */
const frequentColors = 192;

/** The index of each pixel's colour in a palette; a colour that is not in it gets the index of the nearest colour. */
function toPalette(pixels: Buffer, channels: number): { readonly indexes: Buffer; readonly palette: Buffer } {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += channels) {
    const color = pixels.readUIntBE(at, 3);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const all = [...counts].toSorted(([, a], [, b]) => b - a).map(([color]) => color);
  const colors = all.slice(0, frequentColors);
  const others = all.slice(frequentColors).map((color) => ({ color, ...nearest(color, colors) }));
  while (colors.length < maxColors && others.some(({ difference }) => difference > 0)) {
    const { color: added } = others.reduce((one, other) => (other.difference > one.difference ? other : one));
    const index = colors.push(added) - 1;
    for (const other of others) {
      const difference = differenceOf(other.color, added);
      if (difference < other.difference) Object.assign(other, { index, difference });
    }
  }
  const indexOf = new Map(all.map((color, index) => [color, index]));
  for (const { color, index } of others) indexOf.set(color, index);
  const palette = Buffer.alloc(3 * colors.length);
  for (const [index, color] of colors.entries()) palette.writeUIntBE(color, 3 * index, 3);
  const indexes = Buffer.alloc(pixels.length / channels);
  for (let at = 0; at < indexes.length; at++) indexes[at] = indexOf.get(pixels.readUIntBE(at * channels, 3)) ?? 0;
  return { indexes, palette };
}

/** The index of the colour that differs least, and the difference. */
function nearest(color: number, colors: readonly number[]): { index: number; difference: number } {
  const best = { index: 0, difference: Number.POSITIVE_INFINITY };
  for (const [index, other] of colors.entries()) {
    const difference = differenceOf(color, other);
    if (difference < best.difference) Object.assign(best, { index, difference });
  }
  return best;
}

function differenceOf(one: number, other: number): number {
  const red = (one >> 16) - (other >> 16);
  const green = ((one >> 8) & 255) - ((other >> 8) & 255);
  const blue = (one & 255) - (other & 255);
  return red ** 2 + green ** 2 + blue ** 2;
}

function* chunksOf(png: Buffer) {
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

interface Shape {
  /** Bytes of a line. */
  readonly stride: number;
  readonly height: number;
  readonly channels: number;
}

/** @see https://www.w3.org/TR/png-3/#9Filter-types */
function unfilter(data: Buffer, { stride, height, channels }: Shape): Buffer {
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < channels ? 0 : (pixels[at - channels] ?? 0);
      const up = y === 0 ? 0 : (pixels[at - stride] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (pixels[at - stride - channels] ?? 0);
      pixels[at] = (data[y * (stride + 1) + 1 + x] ?? 0) + predict(filter, left, up, corner);
    }
  }
  return pixels;
}

function predict(filter: number | undefined, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      return 0;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const a = Math.abs(up - corner);
  const b = Math.abs(left - corner);
  const c = Math.abs(left + up - 2 * corner);
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
