import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { BindingsPage } from './pages/bindings.tsx';
import { EventsPage } from './pages/events.tsx';
import { HandoversPage } from './pages/handovers.tsx';
import { MobileNodePage } from './pages/mobile-node.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { PeersPage } from './pages/peers.tsx';
import { PoolsPage } from './pages/pools.tsx';
import { location } from './router.ts';
import { Shell } from './shell.tsx';
import { Empty } from './ui/state.tsx';

const PAGES: Readonly<Record<string, ComponentType>> = {
  overview: OverviewPage,
  bindings: BindingsPage,
  mn: MobileNodePage,
  handovers: HandoversPage,
  pools: PoolsPage,
  peers: PeersPage,
  events: EventsPage,
};

export function App() {
  const { page, rest } = location.value;
  const Page = PAGES[page] ?? NoSuchPage;
  const main = useRef<HTMLElement>(null);
  const shown = useRef(`${page}/${rest}`);
  useEffect(() => {
    const now = `${page}/${rest}`;
    if (shown.current === now) return;
    shown.current = now;
    window.scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus();
  }, [page, rest]);
  return (
    <Shell>
      <main id="main" ref={main} tabIndex={-1}>
        <Page key={`${page}/${rest}`} />
      </main>
    </Shell>
  );
}

function NoSuchPage() {
  return <Empty title="There is no such page">Choose one of the navigation.</Empty>;
}
