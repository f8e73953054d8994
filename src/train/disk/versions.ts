import { readFile } from 'node:fs/promises';
import { onnxRuntimeVersion } from '../../runtime/node-machine.ts';

/** Versions of what makes a run: zerosum, Node and ONNX Runtime. They are recorded, not compared. */
export async function versions(): Promise<Readonly<Record<string, string>>> {
  const own = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(await readFile(own, 'utf8')) as { version: string };
  return { zerosum: version, node: process.versions.node, onnxruntime: onnxRuntimeVersion() };
}
