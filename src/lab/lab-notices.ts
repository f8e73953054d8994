/** What a page's machine is like. */
export interface LabMachine {
  /** Threads that the engine runs with. */
  readonly threads: number;
  /** Whether the page is cross-origin isolated, without which there is one thread. */
  readonly isolated: boolean;
  /** Whether the browser has WebGPU. */
  readonly webgpu: boolean;
}

/** What the user should know of the machine, a sentence each. */
export function labNotices({ threads, isolated, webgpu }: LabMachine): string[] {
  return [
    threads === 1
      ? `WebAssembly, one thread${isolated ? '' : ' (the page is not cross-origin isolated)'}: a second one gains nothing with networks this small.`
      : `WebAssembly, ${threads} threads.`,
    webgpu
      ? 'WebGPU is there and not used: a step of networks this small is some 200 dispatches, which cost more than they save.'
      : 'No WebGPU in this browser; nothing here needs it.',
  ];
}
