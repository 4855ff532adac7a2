import { signal } from '@preact/signals';

/** Where the page is: `#/mn/NAME?q=text` is `{ page: 'mn', rest: 'NAME', query }`. */
export interface Location {
  readonly page: string;
  readonly rest: string;
  readonly query: URLSearchParams;
}

export const location = signal<Location>(read());

export function startRouter(): void {
  window.addEventListener('hashchange', () => {
    location.value = read();
  });
}

/** Changes what follows `?` without a step in the history of the browser. */
export function replaceQuery(query: URLSearchParams): void {
  const { page, rest } = location.value;
  const search = query.toString();
  history.replaceState(null, '', `${hrefOf(page, rest)}${search === '' ? '' : `?${search}`}`);
  location.value = read();
}

export function hrefOf(page: string, rest = ''): string {
  return `#/${page}${rest === '' ? '' : `/${encodeURIComponent(rest)}`}`;
}

function read(): Location {
  const [path = '', search = ''] = window.location.hash.slice(2).split('?', 2);
  const slash = path.indexOf('/');
  const page = slash < 0 ? path : path.slice(0, slash);
  return {
    page: page === '' ? 'overview' : page,
    rest: slash < 0 ? '' : decoded(path.slice(slash + 1)),
    query: new URLSearchParams(search),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
