/**
 * The part of the protobuf wire format that ONNX files need: a message is a list of fields, a field its number and its
 * bytes. Sizes are known before a field is written, so each level is assembled once.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export type Field = readonly Uint8Array[];

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const utf8 = new TextEncoder();

/** Base-128, least significant group first; negative numbers take ten bytes, as int64 does. */
function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

const tag = (field: number, wireType: number): Uint8Array => varint((field << 3) | wireType);

/** An int32, int64, enum or bool field. */
export function integerField(field: number, value: number | bigint): Field {
  return [tag(field, VARINT), varint(value)];
}

/** A float field. */
export function floatField(field: number, value: number): Field {
  return [tag(field, FIXED32), new Uint8Array(Float32Array.of(value).buffer)];
}

/** A bytes field. */
export function bytesField(field: number, bytes: Uint8Array): Field {
  return [tag(field, LENGTH_DELIMITED), varint(bytes.length), bytes];
}

/** A string field, UTF-8. */
export function stringField(field: number, text: string): Field {
  return bytesField(field, utf8.encode(text));
}

/** An embedded message. */
export function messageField(field: number, message: readonly Field[]): Field {
  const length = message.reduce(
    (total, parts) => total + parts.reduce((sum, part) => sum + part.length, 0),
    0,
  );
  return [tag(field, LENGTH_DELIMITED), varint(length), ...message.flat()];
}

/** The bytes of a whole message. */
export function assemble(message: readonly Field[]): Uint8Array {
  const parts = message.flat();
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
