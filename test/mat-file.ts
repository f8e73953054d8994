import { zlibSync } from 'fflate';

/** A variable to be written: column-major, as MATLAB stores it. */
export interface MatVariable {
  readonly name: string;
  readonly shape: readonly number[];
  /** uint8 is stored as uint8, numbers as doubles. */
  readonly data: Uint8Array | readonly number[];
}

interface Layout {
  readonly compressed?: boolean;
  readonly littleEndian?: boolean;
}

/**
 * A MATLAB 5 file, written from the specification and not with the reader's code, for sizes and byte orders that
 * `test/reference/mat.json` does not have.
 */
export function matFile(
  variables: readonly MatVariable[],
  { compressed = false, littleEndian = true }: Layout = {},
): Uint8Array {
  const uint32s = (...words: number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(4 * words.length));
    for (const [i, word] of words.entries()) view.setUint32(4 * i, word, littleEndian);
    return new Uint8Array(view.buffer);
  };
  const join = (...parts: Uint8Array[]): Uint8Array => {
    const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };
  const element = (type: number, content: Uint8Array): Uint8Array =>
    join(uint32s(type, content.length), content, new Uint8Array(-content.length & 7));
  const doubles = (values: readonly number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(8 * values.length));
    for (const [i, value] of values.entries()) view.setFloat64(8 * i, value, littleEndian);
    return new Uint8Array(view.buffer);
  };
  const matrix = ({ name, shape, data }: MatVariable): Uint8Array => {
    const isBytes = data instanceof Uint8Array;
    const content = join(
      element(6, uint32s(isBytes ? 9 : 6, 0)),
      element(5, uint32s(...shape)),
      element(1, new TextEncoder().encode(name)),
      isBytes ? element(2, data) : element(9, doubles(data)),
    );
    const whole = element(14, content);
    if (!compressed) return whole;
    const packed = zlibSync(whole);
    return join(uint32s(15, packed.length), packed);
  };
  const header = new Uint8Array(128).fill(0x20);
  header.set(new TextEncoder().encode('MATLAB 5.0 MAT-file'));
  header.set(littleEndian ? [0, 1, 0x49, 0x4d] : [1, 0, 0x4d, 0x49], 124);
  return join(header, ...variables.map(matrix));
}
