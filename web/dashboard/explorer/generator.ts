import { useEffect, useState } from 'preact/hooks';
import { openWebSession } from '../../../src/runtime/web-session.ts';
import type { SampleFormat } from '../../../src/server/api.ts';
import { getBytes } from '../api-client.ts';
import { GeneratorQueue } from './generator-queue.ts';

/** A run's generator in this page. */
export interface LoadedGenerator {
  readonly queue: GeneratorQueue;
  /** Grows with every generator that is taken over: pictures are then to be drawn anew. */
  readonly version: number;
}

/** How far loading has come. */
export interface GeneratorState {
  readonly loaded: LoadedGenerator | undefined;
  readonly failure: Error | undefined;
  /** What is going on until the first one is there. */
  readonly progress: string;
}

/** The pictures of the explorer, those that a hand is waiting for first. */
const pictures = ['sample', 'map', 'kept', 'cloud', 'grid'] as const;

/**
 * The generator at an address, run by WebAssembly in a Worker of the page; with another address the new one takes its place
 * once it is there.
 */
export function useGenerator(url: string, format: SampleFormat): GeneratorState {
  const [queue, setQueue] = useState<GeneratorQueue>();
  const [loaded, setLoaded] = useState<LoadedGenerator>();
  const [failure, setFailure] = useState<Error>();
  useEffect(() => {
    let opened: GeneratorQueue | undefined;
    let isGone = false;
    openWebSession().then(
      (session) => {
        opened = new GeneratorQueue(session, format, pictures);
        if (isGone) void opened.close();
        else setQueue(opened);
      },
      (error: Error) => setFailure(error),
    );
    return () => {
      isGone = true;
      void opened?.close();
    };
  }, []);
  useEffect(() => {
    if (!queue) return;
    let isGone = false;
    const load = async (): Promise<void> => {
      const model = await getBytes(url);
      if (isGone) return;
      await queue.load(model);
      if (isGone) return;
      setLoaded((before) => ({ queue, version: (before?.version ?? 0) + 1 }));
      setFailure(undefined);
    };
    load().catch((error: Error) => {
      if (!isGone) setFailure(error);
    });
    return () => {
      isGone = true;
    };
  }, [queue, url]);
  return {
    loaded,
    failure,
    progress: queue ? 'Loading the generator' : 'Starting ONNX Runtime in this page',
  };
}
