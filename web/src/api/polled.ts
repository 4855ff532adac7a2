import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, getJson, logins } from './client.ts';

export interface Polled<T> {
  /** The latest answer; it stays while asking again fails. */
  readonly data: T | undefined;
  /** Of the latest question. */
  readonly error: ApiError | undefined;
  /** When `data` came, in milliseconds since 1970. */
  readonly at: number;
  readonly refresh: () => void;
}

/** Asks for `path` again and again, `periodMs` after each answer; slower while the page is hidden. `undefined` asks for nothing. */
export function usePolled<T>(path: string | undefined, periodMs: number, accepted: readonly number[] = []): Polled<T> {
  const [state, setState] = useState<{ path: string | undefined; data?: T; error?: ApiError | undefined; at: number }>({
    path,
    at: 0,
  });
  const again = useRef<() => void>(() => {});
  const login = logins.value;
  useEffect(() => {
    if (path === undefined) return;
    return poll<T>(
      (abort) => getJson<T>(path, abort, accepted),
      periodMs,
      (answer) => setState((old) => ({ ...(old.path === path ? old : { at: 0 }), path, ...answer })),
      again,
    );
  }, [path, periodMs, login]);
  const refresh = useCallback(() => again.current(), []);
  const current = state.path === path;
  return { data: current ? state.data : undefined, error: current ? state.error : undefined, at: state.at, refresh };
}

type Answer<T> = { readonly data: T; readonly error: undefined; readonly at: number } | { readonly error: ApiError };

function poll<T>(
  ask: (abort: AbortSignal) => Promise<T>,
  periodMs: number,
  tell: (answer: Answer<T>) => void,
  again: { current: () => void },
): () => void {
  const abort = new AbortController();
  let timer = 0;
  let asking = false;
  const run = async () => {
    clearTimeout(timer);
    if (asking) return;
    asking = true;
    try {
      tell({ data: await ask(abort.signal), error: undefined, at: Date.now() });
    } catch (error) {
      if (!abort.signal.aborted) tell({ error: error as ApiError });
    }
    asking = false;
    if (!abort.signal.aborted) timer = window.setTimeout(run, document.hidden ? periodMs * 10 : periodMs);
  };
  again.current = () => void run();
  void run();
  return () => {
    abort.abort();
    clearTimeout(timer);
  };
}
