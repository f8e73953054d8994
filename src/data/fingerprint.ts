import { ExecutionError } from '../errors.ts';
import type { FiniteDataset } from './dataset.ts';

// The part of the Web Crypto API that is used; browsers and Node both have it, the core's types leave both out.
declare const crypto: {
  readonly subtle?: { digest(algorithm: 'SHA-256', data: ArrayBufferView): Promise<ArrayBuffer> };
};

/** SHA-256 in hex. @throws ExecutionError in a page that is not served securely, where browsers leave it out */
export async function sha256(data: ArrayBufferView): Promise<string> {
  if (!crypto.subtle)
    throw new ExecutionError(
      'fingerprint: must run where crypto.subtle exists, got a page without it. Serve it over https or from localhost',
    );
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/**
 * SHA-256 (hex) of everything that training sees: shape, element type, examples, labels and where the parts are split.
 * The name and the file it came from do not count. Every array is digested on its own, off the thread in Node, then the
 * list of digests: 55 MB take about 40 ms.
 */
export async function fingerprint(dataset: Omit<FiniteDataset, 'fingerprint'>): Promise<string> {
  const parts = await Promise.all(
    [dataset.train, dataset.validation, dataset.test].map(async ({ count, examples, labels }) => ({
      count,
      dtype: examples instanceof Float32Array ? 'float32' : 'uint8',
      examples: await sha256(examples),
      labels: labels ? await sha256(labels) : 'none',
    })),
  );
  return sha256(ascii(JSON.stringify({ exampleShape: dataset.exampleShape, parts })));
}
