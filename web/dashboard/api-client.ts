import type { ApiError } from '../../src/server/api.ts';

/** A request that was refused or did not arrive, with the server's sentence for people. */
export class ApiFailure extends Error {
  /** The status of the answer; 0 where none came. */
  readonly status: number;
  /** Key path of the setting that is wrong, where the server knows it. */
  readonly field: string | undefined;

  constructor(message: string, status: number, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** JSON from the server. @throws ApiFailure where it refuses or does not answer */
export async function getJson<T>(path: string): Promise<T> {
  return (await (await answer(path)).json()) as T;
}

/** Tells the server something in JSON, and returns what it says. @throws ApiFailure where it refuses or does not answer */
export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'Content-Type': 'application/json' };
  return (await (await answer(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as T;
}

/** Bytes from the server. @throws ApiFailure where it refuses or does not answer */
export async function getBytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await answer(path)).arrayBuffer());
}

/** The path of a run below the API. */
export function runPath(id: string, rest = ''): string {
  return `/api/runs/${encodeURIComponent(id)}${rest}`;
}

async function answer(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiFailure('The server does not answer. Is zerosum watch still running?', 0);
  }
  if (response.ok) return response;
  const { error, field }: Partial<ApiError> = await response.json().catch(() => ({}));
  throw new ApiFailure(error ?? `The server answered with ${response.status}`, response.status, field);
}
