import { type Signal, signal } from '@preact/signals';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** What the reader's system wants; pictures on canvas are drawn anew when it changes. */
export const colourScheme: Signal<'dark' | 'light'> = signal(dark.matches ? 'dark' : 'light');

dark.addEventListener('change', ({ matches }) => {
  colourScheme.value = matches ? 'dark' : 'light';
});

/** The value of a custom property, such as `--model`, for what is drawn on canvas. */
export function colour(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}
