import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { gzipError, isGzip } from '../gzip.ts';

const gunzip = promisify(gunzipCallback);

const largestChunk = 1 << 28;

/**
 * The content of a file: unpacked where it starts as gzip does, else the bytes as they are. zlib works off the thread and
 * compares the checksum; 47 MB of MNIST take 0.1 s.
 *
 * @param source - what the bytes are called in errors, such as a path
 * @throws DataError if the gzip data is truncated or corrupted
 */
export async function unpack(bytes: Uint8Array, source: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  if (bytes.length < 18) throw gzipError(source, bytes.length, 'truncated');
  // The trailer's size as that of the one output chunk: zlib's default of 16 kB makes this ten times slower.
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  const chunkSize = Math.min(Math.max(size, 1 << 16), largestChunk);
  try {
    return await gunzip(bytes, { chunkSize });
  } catch (error) {
    const isCut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    throw gzipError(source, bytes.length, isCut ? 'truncated' : 'corrupted', error);
  }
}
