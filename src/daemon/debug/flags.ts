/** What an operator can have told of a running node, by the `debug` command of IOS that asks for it, as `show debugging` names it. */
export const DEBUG_FLAGS = {
  'mag-event': { group: 'Proxy Mobile IPv6', name: 'MAG events' },
  'mag-info': { group: 'Proxy Mobile IPv6', name: 'MAG information' },
  'lma-event': { group: 'Proxy Mobile IPv6', name: 'LMA events' },
  'lma-info': { group: 'Proxy Mobile IPv6', name: 'LMA information' },
  'mobile-packets': { group: 'Proxy Mobile IPv6', name: 'Mobile IPv6 packets' },
  'dhcp-events': { group: 'DHCP', name: 'DHCP server events' },
  'dhcp-packet': { group: 'DHCP', name: 'DHCP server packets' },
  'dhcp-detail': { group: 'DHCP', name: 'DHCP server packet details' },
  'dhcp-message': { group: 'DHCP', name: 'DHCP messages of clients' },
  arp: { group: 'ARP', name: 'ARP packets' },
  dot1x: { group: 'Access points', name: 'Dot1x events' },
  radius: { group: 'AAA', name: 'RADIUS protocol' },
  tunnel: { group: 'Data plane', name: 'Tunnel events' },
} as const;

export type DebugFlag = keyof typeof DEBUG_FLAGS;

export function isDebugFlag(value: unknown): value is DebugFlag {
  return typeof value === 'string' && Object.hasOwn(DEBUG_FLAGS, value);
}

/** Of which packets of an interface is told; plain JSON. */
export interface PacketDebugView {
  /** As the operator named it. */
  readonly interface: string;
  readonly way: 'input' | 'output';
  /** Packets a second at most. */
  readonly rate: number;
}

/** What is switched on; plain JSON. */
export interface DebugView {
  readonly flags: readonly DebugFlag[];
  /** Link-layer addresses as `0024.d78e.21a4`: of these mobile nodes everything is told. */
  readonly clients: readonly string[];
  /** Of which packets is told. */
  readonly packets: readonly PacketDebugView[];
}
