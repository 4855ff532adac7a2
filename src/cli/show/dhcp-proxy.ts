import { text } from './layout.ts';

/** What `show dhcp proxy` shows of each access interface; plain JSON. */
export interface DhcpProxyRow {
  readonly interface: string;
  /** `server`: the MAG answers mobile nodes itself, with what the LMA granted. */
  readonly mode: 'server' | 'relay';
  /** That it relays to, and the address that it relays from. */
  readonly servers: readonly string[];
  readonly address: string | null;
}

/** A wireless LAN controller's two lines, which say that mobile nodes see no other DHCP server, and then each interface. */
export function renderDhcpProxy(rows: readonly DhcpProxyRow[]): string {
  return text([
    `DHCP Proxy Behaviour: ${rows.length > 0 ? 'enabled' : 'disabled'}`,
    'Bootp Broadcast: disabled',
    ...rows.map(({ interface: name, mode, servers, address }) =>
      mode === 'server' ? `${name}: DHCP server` : `${name}: DHCP relay from ${address} to ${servers.join(', ')}`,
    ),
  ]);
}
