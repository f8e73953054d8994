import type { JSX } from 'preact';
import { DataChooser } from './data-chooser.tsx';
import { DiracNumbers } from './dirac-numbers.tsx';
import { DiracPortrait } from './dirac-portrait.tsx';
import { Header } from './header.tsx';
import { useLab } from './lab-page.ts';
import { LayerToggles } from './layer-toggles.tsx';
import { LiveRegion } from './live-region.tsx';
import { Notices } from './notices.tsx';
import { Numbers } from './numbers.tsx';
import { Picture } from './picture.tsx';
import { Settings } from './settings.tsx';
import { StoryPanel } from './story-panel.tsx';
import { Transport } from './transport.tsx';

/** The whole page. */
export function Lab(): JSX.Element {
  const { options } = useLab();
  const circles = options.value.story === 'circles';
  return (
    <>
      <button type="button" class="skip" onClick={focusPlay}>
        Skip to the game
      </button>
      <Header />
      <main class={circles ? 'lab lab-circles' : 'lab'}>
        <StoryPanel />
        <section class="stage" aria-label="The game">
          {circles ? (
            <DiracPortrait />
          ) : (
            <>
              <DataChooser />
              <Picture />
              <Transport />
              <LayerToggles />
            </>
          )}
        </section>
        {circles ? <DiracNumbers /> : <Numbers />}
        {circles ? undefined : <Settings />}
      </main>
      <Notices />
      <LiveRegion />
    </>
  );
}

/** A link would need the fragment of the URL, which is the game's. */
function focusPlay(): void {
  document.querySelector<HTMLElement>('[data-testid="play"]')?.focus();
}
