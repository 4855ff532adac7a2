import { MacAddress } from '#base/mac-address.ts';
import type { UtcTime } from '#base/time.ts';
import type { ClientView, DhcpBindingRow, DhcpProxyRow, RouteMapRow } from '#cli/show/index.ts';
import type { AccessMachine } from '#proto/access/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encapsulationName, type SessionPath } from '#proto/tunnel-path.ts';
import { RequestError } from './control-protocol.ts';
import { named } from './named-nodes.ts';
import type { Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

/** The IPv4 addresses that mobile nodes have at this node's MAGs. */
export function* dhcpBindings(node: Node): Generator<DhcpBindingRow | undefined> {
  node.runtime.refreshClock();
  for (const { machine, access } of node.mags)
    for (const row of machine.rows()) yield row && dhcpBinding(row, access, node.runtime.journal.now.utc);
}

function dhcpBinding(row: MagBindingRow, access: AccessMachine, now: UtcTime): DhcpBindingRow | undefined {
  const { hoa, llid, nai, interface: name, lifetimeRemaining } = row;
  if (hoa === null) return undefined;
  const mac = MacAddress.parse(llid);
  const leased = (mac && access.station(mac)?.leaseRemaining) ?? null;
  const expires = new Date(now + (leased ?? lifetimeRemaining) * 1000).toISOString();
  return { address: hoa, mac: llid, nai, expires, state: leased === null ? 'selecting' : 'active', interface: name };
}

/** How each access interface answers DHCP. */
export function dhcpProxies(node: Node): DhcpProxyRow[] {
  return node.accessLinks.flatMap(({ access }) =>
    access.interfaces.map(({ name, relay }) => ({
      interface: name,
      mode: relay ? 'relay' : 'server',
      servers: relay?.servers.map(String) ?? [],
      address: relay?.address.toString() ?? null,
    })),
  );
}

/** How packets of mobile nodes get into tunnels, in the order of the forwarding's age. */
export function* routeMaps(node: Node, { node: name }: ShowFilter): Generator<RouteMapRow | undefined> {
  for (const { config, machine } of named(node.mags, 'MAG', name))
    for (const session of machine.sessionPaths()) yield routeMap(node, config.name, session);
}

function routeMap({ dataPlane }: Node, mag: string, { id, nai, peer }: SessionPath): RouteMapRow | undefined {
  const forwarding = dataPlane.forwarding('access', id);
  if (forwarding?.kind !== 'access') return undefined;
  const { homeAddress, prefixes, paths, interface: link } = forwarding;
  const counters = dataPlane.counters(id, 'access');
  return {
    mag,
    nai,
    interface: link,
    addresses: [...(homeAddress ? [homeAddress.toString()] : []), ...prefixes.map(String)],
    lma: peer,
    encapsulation: encapsulationName(paths[0]),
    source: `${paths[0].local}`,
    destination: `${paths[0].remote}`,
    matched: { packets: counters?.upPackets ?? 0, octets: counters?.upOctets ?? 0 },
  };
}

/** One mobile node of an access link. Throws `RequestError` when none has the address. */
export function clientDetail(node: Node, { mac }: ShowFilter): ClientView {
  if (!mac) throw new RequestError('bad-request', '"mac" must say which mobile node');
  node.runtime.refreshClock();
  const name = mac.toCiscoString();
  for (const { machine, access } of node.mags) {
    const station = access.station(mac);
    const [binding] = machine.rows({ mac });
    if (!station && !binding) continue;
    return {
      mac: mac.toString(),
      interface: station?.interface ?? binding?.interface ?? '',
      accessPoint: station?.accessPoint ?? null,
      nai: binding?.nai ?? null,
      state: binding?.state ?? null,
      hoa: binding?.hoa ?? null,
      hnps: binding?.hnps ?? [],
      lma: binding?.lma ?? null,
    };
  }
  throw new RequestError('refused', `no mobile node ${name} is on an access link of this node`);
}
