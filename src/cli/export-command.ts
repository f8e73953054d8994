import { join } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { replaceFile } from '../train/disk/replace-file.ts';
import { provenance, readTrainedGenerator } from '../train/disk/trained-generator.ts';
import { type ExportFormat, exportGenerator } from '../train/export-generator.ts';
import type { CommandStreams } from './load-progress.ts';
import { uint32 } from './number-arguments.ts';

/** What the flags say. */
interface ExportFlags {
  readonly out?: string;
  readonly format: ExportFormat;
  readonly checkpoint?: number;
  readonly rawWeights?: true;
  readonly json?: true;
}

async function exportRun(streams: CommandStreams, run: string, flags: ExportFlags): Promise<void> {
  const { format } = flags;
  const trained = await readTrainedGenerator(run, { step: flags.checkpoint });
  const { paths, game, step, variables } = trained;
  const path =
    flags.out ?? (format === 'float' ? paths.generator : join(paths.folder, 'generator-uint8.onnx'));
  const model = exportGenerator(game, variables, {
    format,
    averaged: game.averageDecay !== undefined && !flags.rawWeights,
    metadata: await provenance(trained),
  });
  await replaceFile('export', path, model);
  const latentDim = game.generator.network.inputShape[0]!;
  streams.stdout.write(
    flags.json
      ? `${JSON.stringify({ path, format, step, latentDim, bytes: model.length })}\n`
      : `${path}: z [N, ${latentDim}] -> ${format === 'float' ? 'float32' : 'uint8'}, step ${step}, ${(model.length / 1e6).toFixed(1)} MB\n`,
  );
}

/**
 * `zerosum export RUN`: the generator of any run as an ONNX file that needs no zerosum.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its action throws ConfigError or DataError
 */
export function exportCommand(streams: CommandStreams = process): Command {
  const command = new Command('export')
    .description('write a trained generator as an ONNX file of its own')
    .argument('<run>', 'a run folder, or the name of one under runs/')
    .option('--out <file.onnx>', 'where to (default: generator.onnx in the run folder)')
    .addOption(
      new Option('--format <format>', 'what it gives: pixels in [0, 1] and points, or bytes')
        .choices(['float', 'uint8'])
        .default('float'),
    )
    .option('--checkpoint <step>', 'of which step (default: the newest)', uint32)
    .option('--raw-weights', 'the weights as they are, not their moving average')
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
Formats:
  float  z float32 [N, latentDim], drawn as the metadata says -> float32 [N, C, H, W] in [0, 1], or points [N, d]
  uint8  z float32 [N, latentDim] from N(0, I) or U(0, 1) -> uint8 [N, 3, H, W], as torch-fidelity reads it

Examples:
  $ zerosum export digits-1 --out generator.onnx
  $ zerosum export digits-1 --checkpoint 1000 --out early.onnx
  $ zerosum export runs/mnist-1 --format uint8 --out mnist-uint8.onnx`,
    )
    .action((run, flags) => exportRun(streams, run, flags));
  return command as unknown as Command;
}
