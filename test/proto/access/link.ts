/** An access machine in virtual time, and the frames that a Linux host makes on its link. */
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix, linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import { instant, seconds, utcTime } from '#base/time.ts';
import { type AccessConfig, type AccessEvent, AccessMachine, type AccessOutput } from '#proto/access/index.ts';
import type { AccessSession, AttachTrigger, SessionEnd } from '#proto/mag/index.ts';
import { type ArpPacket, decodeArp, encodeArp } from '#wire/arp.ts';
import {
  type Dhcpv4Message,
  Dhcpv4MessageType,
  type Dhcpv4Option,
  decodeDhcpv4,
  encodeDhcpv4,
  findDhcpv4Option,
} from '#wire/dhcpv4.ts';
import { decodeEthernet, type EthernetFrame, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import {
  decodeIcmpv6,
  encodeIcmpv6,
  ICMPV6_PROTOCOL,
  type Icmpv6Message,
  type NeighborSolicitation,
  type RouterAdvertisement,
} from '#wire/icmpv6.ts';
import { decodeIpv4, encodeIpv4, type Ipv4Packet } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6, type Ipv6Packet } from '#wire/ipv6.ts';
import { decodeUdp, encodeUdp } from '#wire/udp.ts';

export const MN = MacAddress.parse('0024.d78e.21a4') as MacAddress;
export const MN2 = MacAddress.parse('0024.d78e.21a5') as MacAddress;
export const MAG = MacAddress.pmipv6Mag;
export const MAG_LINK_LOCAL = v6('fe80::200:5eff:fe00:5213');
export const ACC0 = 'GigabitEthernet0/1/0.3074';
export const ACC1 = 'GigabitEthernet0/1/0.4001';
export const HOME = v4('192.0.2.1');
export const ROUTER = v4('192.0.2.254');
export const PREFIX = Ipv6Prefix.parse('2001:db8:f00d:1::/64') as Ipv6Prefix;

export function v4(text: string): Ipv4Address {
  return Ipv4Address.parse(text) as Ipv4Address;
}

export function v6(text: string): Ipv6Address {
  return Ipv6Address.parse(text) as Ipv6Address;
}

export function session(change: Partial<AccessSession> = {}): AccessSession {
  return {
    interface: ACC0,
    mac: MN,
    nai: MN.toCiscoString(),
    homeAddress: { address: HOME, prefixLength: 24, defaultRouter: ROUTER },
    prefixes: [PREFIX],
    lifetime: seconds(3600),
    mtu: 1452,
    linkLocal: MAG_LINK_LOCAL,
    linkLayer: MAG,
    ...change,
  };
}

export interface SeenAdvertisement {
  readonly frame: EthernetFrame;
  readonly packet: Ipv6Packet;
  readonly message: RouterAdvertisement;
}

export interface SeenDhcp {
  readonly frame: EthernetFrame;
  readonly packet: Ipv4Packet;
  readonly message: Dhcpv4Message;
  readonly type: number | undefined;
}

export class AccessLink {
  readonly machine: AccessMachine;
  readonly config: AccessConfig;
  outputs: AccessOutput[] = [];
  #now = 1000;

  constructor(change: Partial<AccessConfig> = {}, seed = 1) {
    this.config = {
      interfaces: [{ name: ACC0 }, { name: ACC1 }],
      linkLayer: MAG,
      linkLocal: MAG_LINK_LOCAL,
      parameters: [],
      stationMaximum: 16,
      ...change,
    };
    this.machine = new AccessMachine(this.config, new SeededRandom(seed));
  }

  get now(): number {
    return this.#now;
  }

  handle(event: AccessEvent): void {
    this.machine.handle(event, { instant: instant(this.#now), utc: utcTime(this.#now) });
    this.outputs.push(...this.machine.drain());
  }

  hear(frame: Uint8Array, at = ACC0): void {
    this.handle({ kind: 'frame', interface: at, frame });
  }

  activate(change: Partial<AccessSession> = {}): void {
    this.handle({ kind: 'session', change: { kind: 'session-active', session: session(change) } });
  }

  end(reason: SessionEnd, at = ACC0): void {
    this.handle({ kind: 'session', change: { kind: 'session-ended', interface: at, mac: MN, reason } });
  }

  /** A station that was seen, is served, and whose outputs so far are gone. */
  serve(change: Partial<AccessSession> = {}): void {
    this.hear(layer2Update());
    this.activate(change);
    this.outputs = [];
  }

  advance(duration: number): void {
    const end = this.#now + duration;
    for (let steps = 0; ; steps++) {
      const next = this.machine.nextTimeout();
      if (next === undefined || next > end) break;
      if (steps > 10_000) throw new Error('the machine never rests');
      this.#now = Math.max(this.#now, next);
      this.handle({ kind: 'timeout' });
    }
    this.#now = end;
  }

  /** What was reported since the last look, in few words. */
  reports(): string[] {
    return this.#take((output) => {
      if (output.kind === 'attached') return [`attached ${output.trigger} ${output.mac} ${output.interface}`];
      if (output.kind === 'detached') return [`detached ${output.reason} ${output.mac} ${output.interface}`];
      return output.kind === 'link-down' ? [`link-down ${output.interface}`] : [];
    });
  }

  triggers(): AttachTrigger[] {
    return this.#take((output) => (output.kind === 'attached' ? [output.trigger] : []));
  }

  frames(): EthernetFrame[] {
    return this.#take((output) => (output.kind === 'transmit' ? [decoded(decodeEthernet(output.frame))] : []));
  }

  advertisements(): SeenAdvertisement[] {
    return this.frames().flatMap((frame) => {
      if (frame.etherType !== EtherType.IPV6) return [];
      const packet = decoded(decodeIpv6(frame.payload));
      const message = decoded(decodeIcmpv6(packet.payload, packet.source, packet.destination));
      return message.kind === 'router-advertisement' ? [{ frame, packet, message }] : [];
    });
  }

  dhcp(): SeenDhcp[] {
    return this.frames().flatMap((frame) => {
      if (frame.etherType !== EtherType.IPV4) return [];
      const packet = decoded(decodeIpv4(frame.payload));
      const datagram = decoded(decodeUdp(packet.payload, packet.source, packet.destination));
      if (datagram.sourcePort !== 67 || datagram.destinationPort !== 68) throw new Error('not from server to client');
      const message = decoded(decodeDhcpv4(datagram.payload));
      return [{ frame, packet, message, type: findDhcpv4Option(message.options, 'message-type')?.value }];
    });
  }

  oneDhcp(): SeenDhcp {
    const all = this.dhcp();
    if (all.length !== 1) throw new Error(`expected one DHCP message, saw ${all.length}`);
    return all[0] as SeenDhcp;
  }

  arp(): { frame: EthernetFrame; packet: ArpPacket }[] {
    return this.frames().flatMap((frame) =>
      frame.etherType === EtherType.ARP ? [{ frame, packet: decoded(decodeArp(frame.payload)) }] : [],
    );
  }

  neighborSolicitations(): { packet: Ipv6Packet; message: NeighborSolicitation }[] {
    return this.frames().flatMap((frame) => {
      if (frame.etherType !== EtherType.IPV6) return [];
      const packet = decoded(decodeIpv6(frame.payload));
      const message = decoded(decodeIcmpv6(packet.payload, packet.source, packet.destination));
      return message.kind === 'neighbor-solicitation' ? [{ packet, message }] : [];
    });
  }

  #take<T>(pick: (output: AccessOutput) => T[]): T[] {
    const picked = this.outputs.flatMap(pick);
    this.outputs = [];
    return picked;
  }
}

/** As hostapd broadcasts it for a station that associated, octet by octet. */
export function layer2Update(mac = MN): Uint8Array {
  const frame = new Uint8Array(20);
  frame.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  frame.set(mac.toBytes(), 6);
  frame.set([0x00, 0x06, 0x00, 0x01, 0xaf, 0x81, 0x01, 0x00], 12);
  return frame;
}

export interface ClientMessage {
  readonly type: number;
  readonly mac?: MacAddress;
  readonly chaddr?: MacAddress;
  readonly op?: number;
  readonly xid?: number;
  readonly ciaddr?: Ipv4Address;
  readonly giaddr?: Ipv4Address;
  readonly broadcast?: boolean;
  readonly options?: readonly Dhcpv4Option[];
  /** Without what dhclient adds. */
  readonly bare?: boolean;
  /** Unicast to the server, as when renewing. */
  readonly unicast?: boolean;
}

/** As ISC dhclient 4.4 fills it in: no BROADCAST bit, no client identifier unless configured, a long parameter request list. */
export function dhcpFrame(client: ClientMessage): Uint8Array {
  const mac = client.mac ?? MN;
  const message: Dhcpv4Message = {
    op: client.op ?? 1,
    htype: 1,
    hops: 0,
    xid: client.xid ?? 0x1234abcd,
    secs: 3,
    broadcast: client.broadcast ?? false,
    ciaddr: client.ciaddr ?? Ipv4Address.unspecified,
    yiaddr: Ipv4Address.unspecified,
    siaddr: Ipv4Address.unspecified,
    giaddr: client.giaddr ?? Ipv4Address.unspecified,
    chaddr: client.chaddr ?? mac,
    sname: '',
    file: '',
    options: [
      { kind: 'message-type', value: client.type },
      ...(client.options ?? []),
      ...(client.bare
        ? []
        : [
            { kind: 'host-name', name: 'mn' },
            { kind: 'parameter-request-list', codes: [1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42] },
          ]),
    ] as Dhcpv4Option[],
  };
  return dhcpFrameOf(encodeDhcpv4(message), client);
}

/** With any octets for a message. */
export function dhcpFrameOf(octets: Uint8Array, client: Omit<ClientMessage, 'type'> = {}): Uint8Array {
  const source = client.unicast ? (client.ciaddr ?? HOME) : Ipv4Address.unspecified;
  const destination = client.unicast ? ROUTER : Ipv4Address.broadcast;
  const payload = encodeUdp({
    sourcePort: 68,
    destinationPort: 67,
    source,
    destination,
    payload: octets,
  });
  return encodeEthernet({
    destination: client.unicast ? MAG : MacAddress.broadcast,
    source: client.mac ?? MN,
    tags: [],
    etherType: EtherType.IPV4,
    payload: encodeIpv4({ protocol: 17, ttl: 128, source, destination, payload }),
  });
}

export const DISCOVER = dhcpFrame({ type: Dhcpv4MessageType.DISCOVER });

export function arpFrame(packet: Partial<ArpPacket>, mac = MN): Uint8Array {
  return encodeEthernet({
    destination: MacAddress.broadcast,
    source: mac,
    tags: [],
    etherType: EtherType.ARP,
    payload: encodeArp({
      operation: 1,
      senderMac: mac,
      senderAddress: HOME,
      targetMac: new MacAddress(0, 0),
      targetAddress: v4('192.0.2.77'),
      ...packet,
    }),
  });
}

export function icmpv6Frame(
  message: Icmpv6Message,
  source: Ipv6Address,
  destination: Ipv6Address,
  hopLimit = 255,
): Uint8Array {
  const payload = encodeIcmpv6(message, source, destination);
  return encodeEthernet({
    destination: new MacAddress(0x3333, destination.w3),
    source: MN,
    tags: [],
    etherType: EtherType.IPV6,
    payload: encodeIpv6({ nextHeader: ICMPV6_PROTOCOL, hopLimit, source, destination, payload }),
  });
}

export function routerSolicitation(source = linkLocalFromMac(MN), hopLimit = 255): Uint8Array {
  const options = source.isUnspecified ? [] : [{ kind: 'source-link-layer-address', mac: MN } as const];
  return icmpv6Frame({ kind: 'router-solicitation', options }, source, Ipv6Address.allRouters, hopLimit);
}

/** Duplicate address detection of the link-local address: what a Linux host sends first when its link comes up. */
export function duplicateAddressDetection(target = linkLocalFromMac(MN)): Uint8Array {
  const destination = new Ipv6Address(0xff020000, 0, 1, 0xff000000 | (target.w3 & 0xffffff));
  return icmpv6Frame({ kind: 'neighbor-solicitation', target, options: [] }, Ipv6Address.unspecified, destination);
}

export function dataFrame(mac = MN, destination = MAG): Uint8Array {
  const source = HOME;
  const target = v4('198.51.100.10');
  const payload = encodeUdp({
    sourcePort: 5000,
    destinationPort: 5001,
    source,
    destination: target,
    payload: new Uint8Array(8),
  });
  return encodeEthernet({
    destination,
    source: mac,
    tags: [],
    etherType: EtherType.IPV4,
    payload: encodeIpv4({ protocol: 17, ttl: 64, source, destination: target, payload }),
  });
}

function decoded<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
