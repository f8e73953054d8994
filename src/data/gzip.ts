import { gunzipSync } from 'fflate';
import { DataError } from '../errors.ts';

/** Whether `bytes` start with the magic number of gzip, `1f 8b`. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}

/** The error for gzip data that ends too early, or whose content does not match its checksum. */
export function gzipError(
  source: string,
  sizeBytes: number,
  fault: 'truncated' | 'corrupted',
  cause?: unknown,
): DataError {
  const found =
    fault === 'truncated'
      ? `${source} must hold a whole gzip stream, got its end inside the data, at byte ${sizeBytes} (truncated)`
      : `${source} must unpack to what its checksum says, got other content (corrupted; ${sizeBytes} bytes)`;
  return new DataError(`gunzip: ${found}. Copy or download it again`, { cause });
}

/** No stream of deflate unpacks to more than this many times its own size: 258 bytes from two bits. */
const LARGEST_RATIO = 1032;

/**
 * The content of one gzip member. Synchronous, so that decoding stays a plain function of bytes in every browser; the
 * platform's `DecompressionStream` is asynchronous and no faster in Node. fflate leaves the member's checksum and length
 * unread, so they are compared here. (On disk, files are unpacked by Node's zlib, off the thread.)
 *
 * @param source - what the bytes are called in errors, such as a path
 * @throws DataError if the data is truncated, or corrupted (CRC-32 or length differ)
 */
export function gunzip(bytes: Uint8Array, source = 'gzip data'): Uint8Array {
  let content: Uint8Array;
  try {
    // fflate sizes its output by the last four bytes: of a cut file they are noise, as a rule gigabytes.
    const claimed =
      bytes.length < 4
        ? 0
        : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
    content = gunzipSync(bytes, { out: new Uint8Array(Math.min(claimed, LARGEST_RATIO * bytes.length)) });
  } catch (cause) {
    const cut = /EOF|invalid gzip data/.test(String(cause));
    throw gzipError(source, bytes.length, cut ? 'truncated' : 'corrupted', cause);
  }
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  if (trailer.getUint32(4, true) !== content.length || trailer.getUint32(0, true) !== crc32(content))
    throw gzipError(source, bytes.length, 'corrupted');
  return content;
}
