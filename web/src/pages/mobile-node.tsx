import { usePolled } from '../api/polled.ts';
import type { BindingPage } from '../api/types.ts';
import { hrefOf, location } from '../router.ts';
import { Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/state.tsx';

export function MobileNodePage() {
  const nai = location.value.rest;
  const bindings = usePolled<BindingPage>(`/bindings?nai=${encodeURIComponent(nai)}`, 2000);
  return (
    <Page title={nai} about={<a href={hrefOf('bindings')}>All bindings</a>}>
      <Loaded of={bindings} what="the mobile node">
        {({ items }) => (items.length === 0 ? <Empty title="Not attached" /> : <p>{items.length}</p>)}
      </Loaded>
    </Page>
  );
}
