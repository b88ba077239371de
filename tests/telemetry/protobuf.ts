/** One field of a protobuf message: its number, and its bytes. */
interface Field {
  readonly number: number;
  readonly bytes: Buffer;
}

const varint = 0;
const lengthDelimited = 2;
/** The bytes of numbers of fixed size, by kind. */
const sizes: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/**
 * The fields of a message, in their order.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let position = 0;
  const readVarint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(position++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < message.length) {
    const tag = readVarint();
    const kind = tag & 7;
    const length = kind === lengthDelimited ? readVarint() : (sizes[kind] ?? 0);
    const start = position;
    if (kind === varint) readVarint();
    else position += length;
    fields.push({ number: tag >> 3, bytes: message.subarray(start, position) });
  }
  return fields;
}

/** The messages at a path of field numbers, each a list. */
export function messagesAt(message: Buffer, [first, ...rest]: readonly number[]): Buffer[] {
  if (first === undefined) return [message];
  return fieldsOf(message).flatMap(({ number, bytes }) => (number === first ? messagesAt(bytes, rest) : []));
}
