import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeModel } from '../src/graph/onnx/encode.ts';
import { input } from '../src/graph/value.ts';
import { samples } from './shape-samples.ts';

// Debian's own Python: the one on the path may be another, without python3-onnx.
const python = '/usr/bin/python3';
const found = existsSync(python) && spawnSync(python, ['-c', 'import onnx']).status === 0;
if (!found)
  console.log(`skipped: ${python} has no module onnx, whose checker would judge the encoded models`);

const check = `
import pathlib, sys, onnx
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
    except Exception as error:
        print(path.name, error)
`;

test.skipIf(!found)("onnx's own checker accepts every operator as it is encoded", () => {
  const folder = mkdtempSync(join(tmpdir(), 'zerosum-onnx-'));
  try {
    for (const [op, { dtypes, of }] of Object.entries(samples)) {
      for (const [i, sample] of fc.sample(of(dtypes[0]!), { numRuns: 3, seed: 2014 }).entries()) {
        const inputs = sample.inputs.map(({ dtype, shape }, k) => input(`x${k}`, dtype, shape));
        const outputs = Object.fromEntries([sample.f(...inputs)].flat().map((y, k) => [`y${k}`, y]));
        const model = encodeModel({ name: op, outputs, metadata: { operator: op } });
        writeFileSync(join(folder, `${op}-${i}.onnx`), model.bytes);
      }
    }
    const { status, stdout, stderr } = spawnSync(python, ['-c', check, folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe('');
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
