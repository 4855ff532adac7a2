import { signal } from '@preact/signals';
import type { Problem } from './types.ts';

const BASE = '/api/v1';
const TOKEN_KEY = 'mooring-token';

/** What the node answered instead of what was asked for; or that it did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of HTTP; 0 when nothing answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Whether the node wants a token, or another one. */
export const tokenWanted = signal<'no' | 'missing' | 'wrong'>('no');

/** Counts logins, so that whoever waited for one asks again. */
export const logins = signal(0);

/** Kept until the tab is closed. */
export function setToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
  tokenWanted.value = 'no';
  logins.value++;
}

export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN_KEY) !== null;
}

/** Rejects with `ApiError`, or with an `AbortError` when `abort` says so. */
export async function request(path: string, headers: Record<string, string>, abort?: AbortSignal): Promise<Response> {
  const token = sessionStorage.getItem(TOKEN_KEY);
  const response = await fetch(`${BASE}${path}`, {
    headers: { ...headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
    cache: 'no-store',
    credentials: 'omit',
    ...(abort && { signal: abort }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The node does not answer. Is the daemon running, and "ip http server" configured?');
  });
  if (response.status === 401) tokenWanted.value = token === null ? 'missing' : 'wrong';
  return response;
}

/** `accepted` are statuses beside 2xx whose body is an answer. */
export async function getJson<T>(path: string, abort?: AbortSignal, accepted: readonly number[] = []): Promise<T> {
  const response = await request(path, { accept: 'application/json' }, abort);
  if (response.ok || accepted.includes(response.status)) return (await response.json()) as T;
  throw new ApiError(response.status, await complaintOf(response));
}

async function complaintOf(response: Response): Promise<string> {
  try {
    const { title, detail } = (await response.json()) as Problem;
    return `${title}: ${detail}`;
  } catch {
    return `The node answered ${response.status} ${response.statusText}`;
  }
}
