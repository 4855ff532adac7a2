import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { HeartbeatConfig } from '#proto/heartbeat/index.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig, MagProfile } from '#proto/mag/events.ts';
import { DEFAULT_TUNNEL_MTU } from '#proto/mag/events.ts';
import { AccessTechnologyType } from '#wire/mobility/index.ts';

const MAG_LINK_LOCAL = new Ipv6Address(0xfe800000, 0, 0x02005eff, 0xfe005213);
const DEFAULT_PROFILE: MagProfile = { nai: 'default', service: 'dual' };

export function lmaName(index: number): string {
  return `lma${index + 1}`;
}

export function magName(index: number): string {
  return `mag${index + 1}`;
}

export function lmaAddress(index: number): Ipv6Address {
  return new Ipv6Address(0x20010db8, 0xcafe1024, index, 0x101);
}

export function magAddress(index: number): Ipv6Address {
  return new Ipv6Address(0x20010db8, (0xcafe << 16) | (0x1025 + index), 0, 0x15);
}

export function lmaIpv4Address(index: number): Ipv4Address {
  return new Ipv4Address(0xcb007101 + index);
}

export function magIpv4Address(index: number): Ipv4Address {
  return new Ipv4Address(0xcb007165 + index);
}

/** Of a gateway behind a box that translates addresses, whose outer one is `magIpv4Address`. */
export function magInsideAddress(index: number): Ipv4Address {
  return new Ipv4Address(0xc0a80065 + index);
}

/** That a gateway relays DHCP from. */
export function magRelayAddress(index: number): Ipv4Address {
  return new Ipv4Address(0xac100001 + index);
}

/** The configuration of one LMA of a domain of `mags` gateways, its pools its own. */
export function lmaConfig(index: number, mags: number, changes: Partial<LmaConfig> = {}): LmaConfig {
  const net = 0xc0000200 + (index << 16);
  return {
    name: lmaName(index),
    domain: 'D1',
    addresses: { ipv6: lmaAddress(index) },
    timestampWindow: seconds(7),
    timestampCheck: true,
    bindingMaximum: 128_000,
    maximumLifetime: seconds(3600),
    deleteWait: milliseconds(10_000),
    createWait: milliseconds(1500),
    bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 },
    peers: Array.from({ length: mags }, (_, i) => ({ name: magName(i), ipv6: magAddress(i) })),
    dynamicMagLearning: false,
    profiles: [],
    defaultProfile: DEFAULT_PROFILE,
    pools: {
      ipv4: [
        {
          low: new Ipv4Address(net + 1),
          high: new Ipv4Address(net + 0xfd),
          prefixLength: 24,
          gateway: new Ipv4Address(net + 0xfe),
        },
      ],
      ipv6: [
        {
          prefix: new Ipv6Prefix(new Ipv6Address(0x20010db8, 0xf00d0000 + (index << 16), 0, 0), 48),
          assignedLength: 64,
        },
      ],
    },
    ...changes,
  };
}

/** The configuration of one MAG of a domain of `lmas` anchors. */
export function magConfig(index: number, lmas: number, changes: Partial<MagConfig> = {}): MagConfig {
  return {
    name: magName(index),
    domain: 'D1',
    addresses: { ipv6: magAddress(index) },
    lmas: Array.from({ length: lmas }, (_, i) => ({ name: lmaName(i), ipv6: lmaAddress(i) })),
    profiles: [DEFAULT_PROFILE],
    localProfiles: [],
    interfaces: [
      {
        name: 'GigabitEthernet0/1/0.3074',
        linkName: 'acc0',
        accessTechnology: AccessTechnologyType.IEEE_802_11,
        defaultProfile: DEFAULT_PROFILE,
      },
    ],
    lifetime: seconds(3600),
    refreshTime: seconds(300),
    retransmitInitial: seconds(1),
    retransmitMaximum: seconds(32),
    bindingMaximum: 128_000,
    tunnelMtu: DEFAULT_TUNNEL_MTU,
    bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 },
    linkLocal: MAG_LINK_LOCAL,
    linkLayer: MacAddress.pmipv6Mag,
    detection: undefined,
    ...changes,
  };
}

/** What a node is given that had no heartbeats. */
export const OTHER_HEARTBEAT: HeartbeatConfig = { interval: seconds(7), retries: 2 };

/** A lifetime that leaves time for retransmissions. */
export function halved(lifetime: Duration): Duration {
  return milliseconds(Math.max(8000, lifetime / 2));
}
