import type { ImageReading } from '../image-reading.ts';
import type { TableReading } from '../table/infer-columns.ts';

/** What happens while a data set is loaded, for a progress line. */
export type LoadEvent =
  | {
      readonly kind: 'download';
      readonly file: string;
      readonly url: string;
      /** Bytes that are here, those of an earlier attempt included. */
      readonly receivedBytes: number;
      readonly totalBytes: number;
    }
  /** Of a folder's images so many have been looked at, or decoded. */
  | {
      readonly kind: 'images';
      readonly what: 'looking at' | 'decoding';
      readonly done: number;
      readonly total: number;
    }
  /** A mirror failed, a cached file is damaged, a set is being generated: one line for people. */
  | { readonly kind: 'notice'; readonly message: string };

/** Where data sets are looked for and what is told on the way. */
export interface LoadOptions {
  /**
   * A folder that already holds the files, as `<dataDir>/mnist/train-images-idx3-ubyte.gz` or directly, compressed or
   * not. Nothing is written there. Default: the environment variable `ZEROSUM_DATA`; without it, or where
   * this is empty, only the cache is used.
   */
  readonly dataDir?: string;
  /** The folder for downloads and generated sets; default `cacheFolder()`. */
  readonly cacheDir?: string;
  /** Servers in place of the set's own: addresses of folders, with a slash at the end. */
  readonly mirrors?: readonly string[];
  /** How a folder of images is read; default `defaultImageReading`. For folders only. */
  readonly images?: Partial<ImageReading>;
  /** How the columns of a CSV file are read. For such files only. */
  readonly table?: TableReading;
  readonly onProgress?: (event: LoadEvent) => void;
  readonly signal?: AbortSignal;
}
