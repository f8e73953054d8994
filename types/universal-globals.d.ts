// What Node 20 and every browser both have beyond the language itself: all that the core may use. Only
// tsconfig.core.json includes this file, so that `process` or `document` in the core does not compile.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: ArrayBufferView | ArrayBuffer): string;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare const performance: { now(): number };

declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(timer: unknown): void;

interface SubtleCrypto {
  digest(algorithm: string, data: ArrayBufferView | ArrayBuffer): Promise<ArrayBuffer>;
}
declare const crypto: { readonly subtle: SubtleCrypto };

declare class MessageChannel {
  readonly port1: { onmessage: (() => void) | null; postMessage(message: unknown): void; close(): void };
  readonly port2: { onmessage: (() => void) | null; postMessage(message: unknown): void; close(): void };
}
