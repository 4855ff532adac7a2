import { Ipv4Address } from '#base/ipv4-address.ts';
import type { InterfaceRow, RouteView } from '#cli/show/index.ts';
import type { InterfaceConfiguration } from '#config/index.ts';
import { DEFAULT_DEVICE } from '#host/bpf-data-plane.ts';
import { Netlink } from '#host/netlink.ts';
import {
  addresses,
  type InterfaceAddress,
  InterfaceFlag,
  type Link,
  links,
  MAIN_TABLE,
  routesOf,
} from '#host/netlink-requests.ts';
import { linuxInterfaceOf } from './assemble-vlan.ts';
import { RequestError } from './control-protocol.ts';
import type { Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

/** Those of the configuration in its order, then the host's others. Throws `RequestError` when one is named that is not there. */
export function hostInterfaces(node: Node, { name }: ShowFilter): InterfaceRow[] {
  const present = withNetlink((netlink) => ({ links: links(netlink), addresses: addresses(netlink) }));
  const configured = configuredInterfaces(node);
  const linuxNames = new Set(configured.map(({ linuxName }) => linuxName));
  const others = present.links.filter((link) => !linuxNames.has(link.name)).map((link) => ({ linuxName: link.name }));
  const rows = [...configured, ...others].map((known) => interfaceRow(node, known, present));
  const found = rows.filter((row) => name === undefined || row.name === name || row.linuxName === name);
  if (found.length > 0 || name === undefined) return found;
  throw new RequestError(
    'refused',
    `there is no interface ${name}; there are: ${rows.map((row) => row.name).join(', ')}`,
  );
}

/** The host's routes; those to single mobile nodes, of which there may be thousands, are only counted. */
export function hostRoutes(): RouteView {
  const { all, names } = withNetlink((netlink) => ({
    all: routesOf(netlink, MAIN_TABLE),
    names: new Map(links(netlink).map(({ index, name }) => [index, name])),
  }));
  const others = all.filter(({ ours }) => !ours);
  return {
    routes: others.map(({ destination, gateway, device }) => ({
      destination: `${destination}`,
      gateway: gateway?.toString() ?? null,
      interface: names.get(device ?? 0) ?? null,
    })),
    ours: all.length - others.length,
  };
}

interface KnownInterface {
  readonly linuxName: string;
  readonly configuration?: InterfaceConfiguration;
  /** A MAG serves mobile nodes there. */
  readonly access?: true;
  readonly iosName?: string;
}

function configuredInterfaces({ configuration }: Node): KnownInterface[] {
  const access = new Set(configuration.mags.flatMap(({ interfaces }) => interfaces.map(({ name }) => name)));
  const named = configuration.interfaces.map((one) => ({
    iosName: one.name,
    linuxName: linuxInterfaceOf(one.name, configuration).linkName,
    configuration: one,
    ...(access.has(one.name) && { access: true as const }),
  }));
  const unnamed = [...access].filter((name) => !configuration.interfaces.some((one) => one.name === name));
  return [...named, ...unnamed.map((name) => ({ iosName: name, linuxName: name, access: true as const }))];
}

function interfaceRow(
  node: Node,
  { linuxName, iosName, configuration, access }: KnownInterface,
  present: { readonly links: readonly Link[]; readonly addresses: readonly InterfaceAddress[] },
): InterfaceRow {
  const link = present.links.find((one) => one.name === linuxName);
  const held = present.addresses.filter(({ index }) => index === link?.index);
  const own = [...node.lmas, ...node.mags].flatMap(({ config }) =>
    [config.addresses.ipv6, config.addresses.ipv4].map(String),
  );
  const carries = held.some(({ address }) => own.includes(`${address}`));
  const text = ({ address, length }: InterfaceAddress) => `${address}/${length}`;
  const isIpv4 = ({ address }: InterfaceAddress) => address instanceof Ipv4Address;
  return {
    name: iosName ?? linuxName,
    linuxName: link?.name ?? null,
    description: configuration?.description ?? null,
    role: access ? 'access' : linuxName === DEFAULT_DEVICE ? 'tunnel' : carries ? 'transport' : 'other',
    up: has(link, InterfaceFlag.UP),
    running: has(link, InterfaceFlag.RUNNING),
    mtu: link?.mtu ?? 0,
    mac: link?.mac?.toCiscoString() ?? null,
    vlan: configuration?.vlan ?? null,
    ipv4: held.filter(isIpv4).map(text),
    ipv6: held.filter((one) => !isIpv4(one)).map(text),
  };
}

function has(link: Link | undefined, flag: number): boolean {
  return link !== undefined && (link.flags & flag) !== 0;
}

function withNetlink<T>(read: (netlink: Netlink) => T): T {
  const netlink = new Netlink();
  try {
    return read(netlink);
  } finally {
    netlink.close();
  }
}
