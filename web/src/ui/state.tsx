import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/client.ts';
import type { Polled } from '../api/polled.ts';

/** While nothing is known yet. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <div class="state" role="status">
      <span class="spinner" aria-hidden="true" />
      <p>Loading {what}…</p>
    </div>
  );
}

/** There is nothing, and why that may be. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="state">
      <p class="title">{title}</p>
      {children !== undefined && <div class="muted">{children}</div>}
    </div>
  );
}

/** It could not be had, and what to do. */
export function Failed({ error, retry }: { readonly error: ApiError; readonly retry?: () => void }) {
  return (
    <div class="state" role="alert">
      <p class="title">This cannot be shown</p>
      <p class="muted">{error.message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

interface LoadedProps<T> {
  readonly of: Polled<T>;
  readonly what: string;
  readonly children: (data: T) => ComponentChildren;
}

/** What is there, with a word about it when it is old; or that it loads, or cannot be had. */
export function Loaded<T>({ of: { data, error, at, refresh }, what, children }: LoadedProps<T>) {
  if (data === undefined) return error ? <Failed error={error} retry={refresh} /> : <Loading what={what} />;
  return (
    <>
      {error && (
        <p class="complaint" role="alert">
          As of {new Date(at).toLocaleTimeString()}: since then, “{error.message}”
        </p>
      )}
      {children(data)}
    </>
  );
}
