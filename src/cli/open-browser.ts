import { spawn } from 'node:child_process';

/** What shows an address in the user's browser, by platform. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // The empty text is the window's title: `start` would take the address for it.
  win32: ['cmd', '/c', 'start', ''],
};

/** Shows an address in the user's browser, where there is one; where there is none, nothing happens. */
export function openBrowser(url: string): void {
  const [command, ...first] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...first, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}
