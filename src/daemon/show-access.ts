import type { ClientView, DhcpBindingRow, DhcpProxyRow, RouteMapRow } from '#cli/show/index.ts';
import { encapsulationName } from '#proto/tunnel-path.ts';
import { RequestError } from './control-protocol.ts';
import { named } from './named-nodes.ts';
import type { Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

/** The IPv4 addresses that mobile nodes have at this node's MAGs. */
export function dhcpBindings(node: Node): DhcpBindingRow[] {
  node.runtime.refreshClock();
  const now = node.runtime.journal.now.utc;
  return node.mags.flatMap(({ machine, access }) => {
    const leases = new Map(access.snapshot().map(({ mac, leaseRemaining }) => [mac, leaseRemaining]));
    return machine.snapshot().flatMap(({ hoa, llid, nai, interface: name, lifetimeRemaining }): DhcpBindingRow[] => {
      if (hoa === null) return [];
      const leased = leases.get(llid) ?? null;
      const expires = new Date(now + (leased ?? lifetimeRemaining) * 1000).toISOString();
      return [
        { address: hoa, mac: llid, nai, expires, state: leased === null ? 'selecting' : 'active', interface: name },
      ];
    });
  });
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
export function routeMaps(node: Node, { node: name }: ShowFilter): RouteMapRow[] {
  return named(node.mags, 'MAG', name).flatMap(({ config, machine }) =>
    Array.from(machine.sessionPaths()).flatMap(({ id, nai, peer }): RouteMapRow[] => {
      const forwarding = node.dataPlane.forwarding('access', id);
      if (forwarding?.kind !== 'access') return [];
      const { homeAddress, prefixes, paths, interface: link } = forwarding;
      const counters = node.dataPlane.counters(id, 'access');
      return [
        {
          mag: config.name,
          nai,
          interface: link,
          addresses: [...(homeAddress ? [homeAddress.toString()] : []), ...prefixes.map(String)],
          lma: peer,
          encapsulation: encapsulationName(paths[0]),
          source: `${paths[0].local}`,
          destination: `${paths[0].remote}`,
          matched: { packets: counters?.upPackets ?? 0, octets: counters?.upOctets ?? 0 },
        },
      ];
    }),
  );
}

/** One mobile node of an access link. Throws `RequestError` when none has the address. */
export function clientDetail(node: Node, { mac }: ShowFilter): ClientView {
  if (!mac) throw new RequestError('bad-request', '"mac" must say which mobile node');
  node.runtime.refreshClock();
  const name = mac.toCiscoString();
  for (const { machine, access } of node.mags) {
    const station = access.snapshot().find((one) => one.mac === name);
    const binding = machine.snapshot().find(({ llid }) => llid === name);
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
