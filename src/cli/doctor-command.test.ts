import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { inspectMachine, type MachineReport } from '../runtime/node-machine.ts';
import { describeMachine, doctorCommand } from './doctor-command.ts';

const laptop: MachineReport = {
  platform: 'linux-x64',
  processor: 'Some Processor',
  cores: 4,
  memoryBytes: 16 * 2 ** 30,
  freeMemoryBytes: 3.25 * 2 ** 30,
  node: 'v20.20.0',
  onnxRuntime: '1.30.0',
  devices: [
    {
      device: 'cpu',
      speeds: [
        { threads: 1, gflopPerSecond: 101.23 },
        { threads: 4, gflopPerSecond: 1345.6 },
      ],
    },
    { device: 'wasm', speeds: [{ threads: 1, gflopPerSecond: 9.876 }] },
    { device: 'webgpu', speeds: [], unavailable: 'no adapter' },
  ],
};

test('describes a machine in one line for each device and thread count', () => {
  expect(stripVTControlCharacters(describeMachine(laptop))).toBe(`\
linux-x64, Some Processor, 4 cores, 16.0 GiB of memory, 3.3 GiB free
Node v20.20.0, ONNX Runtime 1.30.0

cpu     1 thread      101 GFLOP/s
        4 threads    1350 GFLOP/s  (default)
wasm    1 thread     9.88 GFLOP/s  (default)
webgpu  not available: no adapter

zerosum train runs on cpu; --device and --threads choose otherwise.
`);
});

test('names the device that training falls back to', () => {
  const devices = laptop.devices.map((d) => (d.device === 'cpu' ? { ...d, unavailable: 'no binary' } : d));
  const text = stripVTControlCharacters(describeMachine({ ...laptop, devices }));
  expect(text).toContain('cpu     not available: no binary\n');
  expect(text).toContain('zerosum train runs on wasm;');
});

test('inspects this machine: a device that works, and one that does not with what it needs', async () => {
  const { cores, memoryBytes, freeMemoryBytes, onnxRuntime, devices } = await inspectMachine(['cpu', 'cuda']);
  const [cpu, cuda] = devices;
  expect(onnxRuntime).toMatch(/^\d+\.\d+\.\d+$/);
  expect(memoryBytes).toBeGreaterThan(freeMemoryBytes);
  expect(cpu?.speeds.map(({ threads }) => threads)).toContain(cores);
  // A slow core does 1 GFLOP/s; 100 TFLOP/s would be a unit confused.
  for (const { gflopPerSecond } of cpu!.speeds) {
    expect(gflopPerSecond).toBeGreaterThan(0.1);
    expect(gflopPerSecond).toBeLessThan(1e5);
  }
  if (cuda?.unavailable === undefined) expect(cuda?.speeds).toHaveLength(1);
  else expect(cuda.unavailable).toMatch(/^device cuda must .*, got ".*"\. /);
});

test('has help with examples and refuses unknown flags', async () => {
  const written: string[] = [];
  const capture = {
    writeOut: (text: string) => written.push(text),
    writeErr: (text: string) => written.push(text),
  };
  const command = (): ReturnType<typeof doctorCommand> =>
    doctorCommand().exitOverride().configureOutput(capture);
  await expect(command().parseAsync(['--help'], { from: 'user' })).rejects.toThrow();
  await expect(command().parseAsync(['--jsn'], { from: 'user' })).rejects.toThrow(/--jsn/);
  expect(written.join('')).toContain('zerosum doctor --json');
  expect(written.join('')).toContain('Did you mean --json?');
});
