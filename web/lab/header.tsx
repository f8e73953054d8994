import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { saveFile } from '../page/save-file.ts';
import { useLab } from './lab-page.ts';

/** The name of the page, and what can be taken away from it: a link, the generator, the config. */
export function Header(): JSX.Element {
  const page = useLab();
  const { session, openStory } = page;
  const told = useSignal('');
  const tell = (text: string): void => {
    told.value = text;
    page.announce(text);
    setTimeout(() => {
      told.value = '';
    }, 4000);
  };
  async function copyLink(): Promise<void> {
    session.pause();
    // The URL follows the state a moment later.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    try {
      await navigator.clipboard.writeText(location.href);
      tell('The link is copied: it brings anyone to this very step.');
    } catch {
      tell('The address bar holds the link to this very step.');
    }
  }
  async function download(): Promise<void> {
    try {
      const { bytes, name } = await session.exportGenerator();
      saveFile(name, bytes, 'application/octet-stream');
      tell(`${name}: the generator as it is now, ${Math.round(bytes.length / 1024)} kB.`);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <header class="head">
      <h1>
        <button type="button" class="brand" onClick={() => openStory(undefined)}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <circle cx="16" cy="16" r="13.5" />
            <path d="M3 20c6 0 7-11 13-11s7 11 13 11" />
          </svg>
          zerosum <b>lab</b>
        </button>
      </h1>
      <p class="tagline">
        A generative adversarial game, move by move. Each number is exact or says its error.
      </p>
      <p class="told" aria-hidden="true">
        {told}
      </p>
      <fieldset class="bare take" aria-label="Take away">
        <button type="button" class="quiet" data-testid="copy-link" onClick={copyLink}>
          Copy link
        </button>
        <button type="button" class="quiet" data-testid="download-onnx" onClick={download}>
          Generator (ONNX)
        </button>
        <button
          type="button"
          class="quiet"
          data-testid="download-config"
          onClick={() => {
            const { config } = session.opened.value ?? {};
            if (config) saveFile('zerosum-config.json', new TextEncoder().encode(config), 'application/json');
          }}
        >
          Config
        </button>
      </fieldset>
    </header>
  );
}
