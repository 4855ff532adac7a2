import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { hasToken, setToken, tokenWanted } from './api/client.ts';
import { connection } from './api/event-stream.ts';
import { usePolled } from './api/polled.ts';
import type { Health, Readiness } from './api/types.ts';
import { formatDate, formatDuration } from './format.ts';
import { hrefOf, location } from './router.ts';
import { nextTheme, theme } from './theme.ts';
import { Hint } from './ui/hint.tsx';
import { Icon, type IconName } from './ui/icon.tsx';
import { Login } from './ui/login.tsx';

const LINKS: readonly (readonly [page: string, text: string, icon: IconName])[] = [
  ['overview', 'Overview', 'topology'],
  ['bindings', 'Bindings', 'list'],
  ['handovers', 'Handovers', 'swap'],
  ['pools', 'Pools', 'pool'],
  ['peers', 'Peers', 'peer'],
  ['events', 'Events', 'event'],
];

/** What is around every page. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const asksForToken = tokenWanted.value !== 'no';
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <Header />
      <div class="frame">
        <Navigation />
        {asksForToken ? <Login wrong={tokenWanted.value === 'wrong'} /> : children}
      </div>
    </>
  );
}

function Header() {
  const { data: ready } = usePolled<Readiness>('/ready', 5000, [503]);
  const { data: health } = usePolled<Health>('/health', 60_000);
  const roles = ready?.nodes.map(({ role, name }) => `${role.toUpperCase()} ${name}`).join(', ');
  return (
    <header class="bar">
      <a class="brand" href={hrefOf('overview')} aria-label="Mooring: overview">
        <img src="/mooring.svg" alt="" width="28" height="28" />
        <span>Mooring</span>
      </a>
      <div class="node">
        <strong>{ready?.hostname ?? '…'}</strong>
        {roles !== undefined && roles !== '' && <span class="muted wide">{roles}</span>}
        {health && (
          <span class="muted wide">
            <Hint text={`Mooring ${health.version}, process ${health.pid}, since ${formatDate(health.startedAt)}`}>
              up {formatDuration((Date.now() - Date.parse(health.startedAt)) / 1000)}
            </Hint>
          </span>
        )}
      </div>
      <ConnectionMark />
      {hasToken() && tokenWanted.value === 'no' && (
        <button type="button" class="quiet" onClick={() => setToken(undefined)}>
          Log out
        </button>
      )}
      <button type="button" class="quiet icon" onClick={nextTheme} title={`Colours: ${theme.value}`}>
        <Icon name={theme.value === 'system' ? 'auto' : theme.value === 'light' ? 'sun' : 'moon'} />
        <span class="hidden">Colours: {theme.value}. Change</span>
      </button>
    </header>
  );
}

const CONNECTIONS = {
  connecting: ['wait', 'Connecting'],
  live: ['good', 'Live'],
  lost: ['bad', 'No connection'],
  'token-wanted': ['wait', 'Token needed'],
} as const;

function ConnectionMark() {
  const [tone, text] = CONNECTIONS[connection.value];
  return (
    <span class={`mark ${tone}`} role="status">
      <Hint text="Whether this page is told of what happens at the node, the moment that it happens">{text}</Hint>
    </span>
  );
}

function Navigation() {
  const at = location.value.page === 'mn' ? 'bindings' : location.value.page;
  const links = useRef<HTMLElement>(null);
  // On a phone the row of links is wider than the page.
  useEffect(() => {
    const link = links.current?.querySelector<HTMLElement>('[aria-current]');
    if (link && links.current) links.current.scrollLeft = link.offsetLeft - 40;
  }, [at]);
  return (
    <nav aria-label="Pages" ref={links}>
      <ul>
        {LINKS.map(([page, text, icon]) => (
          <li key={page}>
            <a href={hrefOf(page)} aria-current={page === at ? 'page' : undefined}>
              <Icon name={icon} />
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
