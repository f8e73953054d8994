import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { platform } from 'node:os';

/** A small disk of its own under `path`, where the system lets this process mount one; otherwise why not. */
export function mountDisk(path: string, options: string): { unmount(): void } | { reason: string } {
  if (platform() !== 'linux') return { reason: `no tmpfs on ${platform()}` };
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    return { reason: String((error as { stderr?: Buffer }).stderr ?? error).trim() };
  }
  // Lazily, so that a file still open after a failed test does not hide the failure behind a busy disk.
  return { unmount: () => execFileSync('umount', ['-l', path], { stdio: 'pipe' }) };
}
