import { useEffect, useRef, useState } from 'preact/hooks';

/** Something that the server has, as far as it has been fetched. */
export interface Resource<T> {
  /** As it was fetched last; undefined before that. */
  readonly value: T | undefined;
  /** Why the last attempt failed. */
  readonly failure: Error | undefined;
  readonly isLoading: boolean;
}

/** What was fetched last stays in sight while it is fetched anew. */
interface Fetched<T> extends Resource<T> {
  readonly key: string;
}

/** Between two fetches of the same thing. */
const PAUSE_MS = 1500;

/**
 * Fetches what a key stands for, and again when its version changes: at most every second and a half, and only while the
 * page is looked at. Another key starts from nothing.
 *
 * @param key - undefined: nothing is fetched
 */
export function useResource<T>(
  key: string | undefined,
  version: unknown,
  load: (signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const [fetched, setFetched] = useState<Fetched<T>>();
  const endedAt = useRef({ key, time: 0 });
  const loader = useRef(load);
  loader.current = load;
  useEffect(() => {
    if (key === undefined) return;
    const controller = new AbortController();
    const run = async (): Promise<void> => {
      let next: Fetched<T>;
      try {
        next = { key, value: await loader.current(controller.signal), failure: undefined, isLoading: false };
      } catch (failure) {
        if (controller.signal.aborted) return;
        next = { key, value: undefined, failure: failure as Error, isLoading: false };
      }
      if (controller.signal.aborted) return;
      endedAt.current = { key, time: Date.now() };
      setFetched((before) => (next.failure && before?.key === key ? { ...next, value: before.value } : next));
    };
    const wait = endedAt.current.key === key ? PAUSE_MS - (Date.now() - endedAt.current.time) : 0;
    const begin = (): void => {
      if (document.hidden)
        document.addEventListener('visibilitychange', begin, { once: true, signal: controller.signal });
      else void run();
    };
    const timer = setTimeout(begin, Math.max(0, wait));
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key, version]);
  if (fetched && fetched.key === key) return fetched;
  return { value: undefined, failure: undefined, isLoading: key !== undefined };
}
