import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { DataError } from '../../errors.ts';
import { fileError, systemCode } from './file-error.ts';

/** Who holds a lock, as the lock file says it. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in words that only its own system understands; absent where the system does not say. */
  readonly startedAt?: string;
  /** Tells two locks of one process apart. */
  readonly token: string;
}

/** A lock that this process holds. */
export interface Lock {
  readonly path: string;
  /** Gives the lock back. Idempotent; leaves a lock alone that another process has taken meanwhile. */
  release(): void;
}

/** A lock file is written in one call right after it is created: one that stays cut for this long has no writer. */
const writingMs = 1000;

/**
 * When process `pid` started: boot and clock ticks since then, which no other process of this machine shares, so that a
 * reused pid is recognised. `'dead'` for a process that was killed but not yet reaped; undefined outside Linux.
 *
 * @see proc(5), `/proc/pid/stat`, fields 3 and 22
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, which may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return 'dead';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** False only where the process that wrote the lock is known to be gone. */
function isAlive({ host, pid, startedAt }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to somebody else.
    if (systemCode(error) === 'ESRCH') return false;
  }
  const start = startOf(pid);
  return start === undefined || (start !== 'dead' && (startedAt === undefined || start === startedAt));
}

/** The holder of a lock file; `'free'` where there is no file, `'cut'` where its content is not (yet) whole. */
function readHolder(path: string): Holder | 'free' | 'cut' {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    const { pid, host, startedAt, token } = holder;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof token !== 'string') return 'cut';
    return { pid, host, token, ...(startedAt === undefined ? {} : { startedAt }) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'free';
    if (error instanceof SyntaxError) return 'cut';
    throw error;
  }
}

/** True where the lock file is of no living process. */
function isLeft(path: string): boolean {
  const holder = readHolder(path);
  if (holder === 'free') return false;
  if (holder !== 'cut') return !isAlive(holder);
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) > writingMs;
}

/** Creates the lock file unless it exists: of several processes that try, the system lets exactly one. */
function create(path: string): Lock | undefined {
  const startedAt = startOf(process.pid);
  const token = randomUUID();
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    token,
    ...(startedAt === undefined ? {} : { startedAt }),
  };
  try {
    writeFileSync(path, `${JSON.stringify(own)}\n`, { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    // A full disk leaves an empty file of ours behind.
    if (systemCode(error) === 'ENOSPC') rmSync(path, { force: true });
    throw error;
  }
  const isOwn = (): boolean => {
    const holder = readHolder(path);
    return typeof holder === 'object' && holder.token === token;
  };
  // Had this process been stopped between the two halves of `writeFileSync`, the file could count as left behind.
  if (!isOwn()) return undefined;
  return {
    path,
    release: () => {
      if (isOwn()) rmSync(path, { force: true });
    },
  };
}

/** Who holds a lock, as far as can be told from here. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /**
   * `known`: the process lives, and is the one that took the lock, not a later one with its number. `likely`: this system does
   * not say when a process started. `elsewhere`: it is of another machine. `dead`: nobody holds it any more.
   */
  readonly is: 'known' | 'likely' | 'elsewhere' | 'dead';
}

/**
 * Looks at a lock without taking it.
 *
 * @returns undefined where there is no lock, or its file is not (yet) whole
 */
export function lockHolder(path: string): LockHolder | undefined {
  const holder = readHolder(path);
  if (typeof holder === 'string') return undefined;
  const { pid, host, startedAt } = holder;
  // Numbers that are no process's would mean groups of them to whoever sends a signal.
  if (!Number.isSafeInteger(pid) || pid < 2) return undefined;
  if (host !== hostname()) return { pid, host, is: 'elsewhere' };
  if (!isAlive(holder)) return { pid, host, is: 'dead' };
  return { pid, host, is: startedAt !== undefined && startOf(pid) === startedAt ? 'known' : 'likely' };
}

/**
 * The lock, or undefined while a living process holds it.
 *
 * A left lock may be removed only under a second lock beside it, and only after looking again: otherwise of two
 * processes that saw the same left lock, the slower would remove the lock that the faster has just made. The second
 * lock may be left behind in its turn, so it is taken in the same way.
 */
async function tryLock(path: string): Promise<Lock | undefined> {
  for (;;) {
    const lock = create(path);
    if (lock) return lock;
    if (isLeft(path)) {
      const takeover = await tryLock(`${path}.takeover`);
      try {
        if (takeover && isLeft(path)) rmSync(path, { force: true });
      } finally {
        takeover?.release();
      }
      if (!takeover) await delay(10);
    } else if (readHolder(path) === 'cut') {
      await delay(20);
    } else if (readHolder(path) !== 'free') {
      return undefined;
    }
  }
}

/**
 * Takes a lock file for this process. A lock left by a process that was killed is recognised (its pid is gone, or on
 * Linux belongs to a process that started at another time) and taken over; of several processes exactly one wins.
 *
 * @param subject - what is locked, for the message
 * @throws DataError naming the pid where a living process, or one on another machine, holds the lock; where the folder
 *   cannot be written
 */
export async function acquireLock(path: string, subject: string): Promise<Lock> {
  let lock: Lock | undefined;
  try {
    lock = await tryLock(path);
  } catch (error) {
    throw fileError(`lock: ${path} must be writable`, error);
  }
  if (lock) return lock;
  const holder = readHolder(path);
  if (typeof holder === 'string') return acquireLock(path, subject);
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  const advice = `Wait for it or stop it; if no such process exists, delete ${path}`;
  throw new DataError(
    `lock: ${subject} must be used by one process at a time, got pid ${holder.pid}${where}. ${advice}`,
  );
}
