import { Command } from '@commander-js/extra-typings';
import pc from 'picocolors';
import { type DeviceReport, inspectMachine, type MachineReport } from '../runtime/node-machine.ts';
import type { CommandStreams } from './load-progress.ts';

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

const threadsOf = (count: number): string => (count === 1 ? '1 thread' : `${count} threads`);

/** Three significant digits: the measurement is not better than that. */
const speed = (gflopPerSecond: number): string =>
  `${Number(gflopPerSecond.toPrecision(3))} GFLOP/s`.padStart(13);

function deviceLines({ device, speeds, unavailable }: DeviceReport, cores: number): string[] {
  const name = device.padEnd(8);
  if (unavailable !== undefined) return [`${name}${pc.dim(`not available: ${unavailable}`)}`];
  return speeds.map(({ threads, gflopPerSecond }, i) => {
    const isDefault = threads === (device === 'cpu' ? cores : 1);
    const note = isDefault ? pc.dim('  (default)') : '';
    return `${(i === 0 ? device : '').padEnd(8)}${threadsOf(threads).padEnd(12)}${speed(gflopPerSecond)}${note}`;
  });
}

/** The report as text: the machine, one line for each device and thread count, and what training will take. */
export function describeMachine(report: MachineReport): string {
  const { platform, processor, cores, memoryBytes, freeMemoryBytes, node, onnxRuntime, devices } = report;
  const memory = `${gibibytes(memoryBytes)} of memory, ${gibibytes(freeMemoryBytes)} free`;
  const auto = devices.find(({ unavailable }) => unavailable === undefined);
  return [
    `${platform}, ${processor}, ${cores === 1 ? '1 core' : `${cores} cores`}, ${memory}`,
    `Node ${node}, ONNX Runtime ${onnxRuntime}`,
    '',
    ...devices.flatMap((device) => deviceLines(device, cores)),
    '',
    auto
      ? `zerosum train runs on ${auto.device}; --device and --threads choose otherwise.`
      : 'No device works: run npm ci again.',
    '',
  ].join('\n');
}

/** `zerosum doctor`: devices, threads, their measured speed, what is missing and how to get it. */
export function doctorCommand(streams: CommandStreams = process): Command<[], { json?: true }> {
  return new Command('doctor')
    .description('show what can train on this machine, how fast, and what is missing')
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
Speeds are float32 matrix products of 512 x 512, measured for a quarter of a second each.

Examples:
  zerosum doctor
  zerosum doctor --json`,
    )
    .action(async ({ json }) => {
      const report = await inspectMachine();
      streams.stdout.write(json ? `${JSON.stringify(report)}\n` : describeMachine(report));
      if (report.devices.every(({ unavailable }) => unavailable !== undefined)) process.exitCode = 1;
    });
}
