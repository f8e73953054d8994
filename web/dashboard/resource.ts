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
 * Fetches what a key stands for, and again when its version changes: one request at a time, at most every second and a half,
 * and only while the page is looked at. Another key starts from nothing; what was asked for the one before is let go.
 *
 * @param key - undefined: nothing is fetched
 * @param keep - what was there for the key before stays in sight until the new one is there. Default false
 */
export function useResource<T>(
  key: string | undefined,
  version: unknown,
  load: () => Promise<T>,
  { keep = false }: { readonly keep?: boolean } = {},
): Resource<T> {
  const [fetched, setFetched] = useState<Fetched<T>>();
  const latest = useRef({ version, load });
  latest.current = { version, load };
  const wake = useRef<() => void>(() => {});
  useEffect(() => {
    if (key === undefined) return;
    let isGone = false;
    let isBusy = false;
    let done: { readonly version: unknown; readonly time: number } | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const work = async (): Promise<void> => {
      if (isGone || isBusy || document.hidden || (done && done.version === latest.current.version)) return;
      const wait = done ? PAUSE_MS - (Date.now() - done.time) : 0;
      clearTimeout(timer);
      if (wait > 0) {
        timer = setTimeout(() => void work(), wait);
        return;
      }
      isBusy = true;
      const wanted = latest.current.version;
      const next = await settled(key, latest.current.load);
      isBusy = false;
      if (isGone) return;
      done = { version: wanted, time: Date.now() };
      setFetched((before) => (next.failure && before?.key === key ? { ...next, value: before.value } : next));
      void work();
    };
    wake.current = () => void work();
    document.addEventListener('visibilitychange', wake.current);
    void work();
    return () => {
      isGone = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake.current);
    };
  }, [key]);
  useEffect(() => wake.current(), [version]);
  if (fetched && fetched.key === key) return fetched;
  return { value: keep ? fetched?.value : undefined, failure: undefined, isLoading: key !== undefined };
}

async function settled<T>(key: string, load: () => Promise<T>): Promise<Fetched<T>> {
  try {
    return { key, value: await load(), failure: undefined, isLoading: false };
  } catch (failure) {
    return { key, value: undefined, failure: failure as Error, isLoading: false };
  }
}
