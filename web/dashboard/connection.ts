import { batch, type Signal, signal } from '@preact/signals';
import type { RunList, RunSummary, ServerEvents } from '../../src/server/api.ts';
import { announce } from './announcement.tsx';
import { ApiFailure, getJson } from './api-client.ts';
import { acceptList, acceptRun, clockOffset, forgetRun } from './run-store.ts';

/** How the page stands to the server. */
export interface Connection {
  /** `live`: what is shown is what is. `stale`: what is shown is from `heardAt`. */
  readonly state: 'connecting' | 'live' | 'stale' | 'refused';
  /** When the server was heard last, in milliseconds since 1970 by this machine's clock. */
  readonly heardAt: number;
  /** When the next attempt comes, of a stale connection. */
  readonly retryAt?: number;
  /** Why the server refused, in its words. */
  readonly refusal?: string;
}

/** How the page stands to the server. */
export const connection: Signal<Connection> = signal({ state: 'connecting', heardAt: Date.now() });

/** Grows whenever everything that was fetched may be out of date: a new connection, another server. */
export const revision: Signal<number> = signal(0);

/** The server beats every five seconds; three missed ones are silence. */
const SILENCE_MS = 15_000;
/** Waits between attempts, while nobody answers. */
const RETRIES_MS: readonly number[] = [500, 1000, 2000, 4000, 8000];
const TICK_MS = 1000;

let source: EventSource | undefined;
let attempts = 0;
let lastNumber: number | undefined;

/** Opens the stream of events and keeps it open: over restarts of the server, a network that goes, a laptop that sleeps. */
export function connect(): void {
  open();
  setInterval(watch, TICK_MS);
  // After a sleep the stream may be dead without a word; a page that is looked at finds out at once.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) wake();
  });
  addEventListener('online', wake);
  addEventListener('pageshow', wake);
}

/** Tries at once, instead of when it is due. */
export function retryNow(): void {
  attempts = 0;
  open();
}

function wake(): void {
  const { state, heardAt } = connection.peek();
  if (state === 'stale' || (state === 'live' && Date.now() - heardAt > SILENCE_MS / 2)) retryNow();
}

/** Notices silence, and tries again when it is due. */
function watch(): void {
  const { state, heardAt, retryAt } = connection.peek();
  if (state === 'live' && Date.now() - heardAt > SILENCE_MS) lose();
  else if (state === 'connecting' && Date.now() - heardAt > SILENCE_MS) lose();
  else if (state === 'stale' && retryAt !== undefined && Date.now() >= retryAt) open();
}

function open(): void {
  source?.close();
  const opened = new EventSource('/api/events');
  source = opened;
  lastNumber = undefined;
  const { state, heardAt } = connection.peek();
  connection.value = { state: state === 'stale' ? 'stale' : 'connecting', heardAt };
  const on = <Name extends keyof ServerEvents>(
    name: Name,
    handle: (data: ServerEvents[Name]) => void,
  ): void =>
    opened.addEventListener(name, (event) => {
      if (source !== opened) return;
      heard(event.lastEventId);
      handle(JSON.parse(event.data) as ServerEvents[Name]);
    });
  on('hello', () => void refresh());
  on('run', (summary: RunSummary) => acceptRun(summary));
  on('gone', ({ id }) => forgetRun(id));
  on('beat', ({ now }) => {
    clockOffset.value = now - Date.now();
  });
  opened.addEventListener('error', () => {
    if (source !== opened) return;
    // A stream that is closed was answered, and refused: the list says why.
    if (opened.readyState === EventSource.CLOSED) void refresh();
    else lose();
  });
}

/** The server is there. An event that is not the next one means that some were missed. */
function heard(eventId: string): void {
  const number = Number(eventId.split('/').at(-1));
  const missed = lastNumber !== undefined && Number.isFinite(number) && number > lastNumber + 1;
  if (Number.isFinite(number)) lastNumber = number;
  const wasStale = connection.peek().state === 'stale';
  connection.value = { state: 'live', heardAt: Date.now() };
  attempts = 0;
  if (wasStale) announce('Connected again; everything is up to date.');
  if (missed) void refresh();
}

function lose(): void {
  source?.close();
  source = undefined;
  const { state, heardAt } = connection.peek();
  if (state === 'refused') return;
  if (state !== 'stale')
    announce('The connection to the server is lost. What the page shows may be out of date.');
  const wait = RETRIES_MS[Math.min(attempts++, RETRIES_MS.length - 1)]!;
  connection.value = { state: 'stale', heardAt, retryAt: Date.now() + wait };
}

/** Fetches the list, and tells every view to fetch what it shows. */
async function refresh(): Promise<void> {
  try {
    const list = await getJson<RunList>('/api/runs');
    batch(() => {
      acceptList(list);
      revision.value += 1;
    });
  } catch (error) {
    if (error instanceof ApiFailure && (error.status === 401 || error.status === 403)) refuse(error.message);
    else lose();
  }
}

function refuse(refusal: string): void {
  source?.close();
  source = undefined;
  connection.value = { state: 'refused', heardAt: Date.now(), refusal };
}
