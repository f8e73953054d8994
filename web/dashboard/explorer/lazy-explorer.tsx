import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunDetail } from '../../../src/server/api.ts';

type View = (props: { readonly detail: RunDetail }) => JSX.Element;

/** The latent explorer, whose code (and ONNX Runtime's) is fetched when somebody opens it. */
export function LazyExplorer({ detail }: { readonly detail: RunDetail }): JSX.Element {
  const [loaded, setLoaded] = useState<{ readonly Explorer: View }>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    import('./explorer-view.tsx').then(
      ({ ExplorerView }) => setLoaded({ Explorer: ExplorerView }),
      ({ message }: Error) => setFailure(message),
    );
  }, []);
  if (loaded) return <loaded.Explorer detail={detail} />;
  return <p class={failure ? 'trouble is-bad' : 'empty'}>{failure ?? 'Loading the explorer'}</p>;
}
