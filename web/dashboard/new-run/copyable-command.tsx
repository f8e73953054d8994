import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { announce } from '../announcement.tsx';

const THANKS_MS = 1500;

/** A command for a terminal, with a button that copies it. */
export function CopyableCommand({ command }: { readonly command: string }): JSX.Element {
  const isCopied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command);
    isCopied.value = true;
    announce('The command was copied.');
    setTimeout(() => {
      isCopied.value = false;
    }, THANKS_MS);
  };
  return (
    <div class="command">
      <code data-testid="command">{command}</code>
      {/* Only pages from this machine, or over TLS, may write to the clipboard. */}
      {window.isSecureContext && (
        <button type="button" class="small" onClick={() => void copy()}>
          {isCopied.value ? 'Copied' : 'Copy'}
        </button>
      )}
    </div>
  );
}
