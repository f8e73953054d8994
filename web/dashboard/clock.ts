import { type Signal, signal } from '@preact/signals';

const TICK_MS = 1000;

/** This machine's time in milliseconds since 1970, to the second, while the page is looked at. */
export const now: Signal<number> = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, TICK_MS);
