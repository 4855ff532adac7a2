import { readU16 } from '#base/bytes.ts';

/** What the lab's measurements tell apart on a link. `other` is everything that is neither signalling nor a packet of a user. */
export type FrameKind =
  | 'layer-2-update'
  | 'dhcp-discover'
  | 'dhcp-offer'
  | 'dhcp-request'
  | 'dhcp-ack'
  | 'dhcp-other'
  | 'router-advertisement'
  | 'neighbor-discovery'
  | 'arp'
  | 'binding-update'
  | 'binding-acknowledgement'
  | 'binding-revocation'
  | 'ipv4'
  | 'ipv6'
  | 'other';

const ETHERNET = 14;
const dhcpKinds: Record<number, FrameKind> = { 1: 'dhcp-discover', 2: 'dhcp-offer', 3: 'dhcp-request', 5: 'dhcp-ack' };
const mobilityKinds: Record<number, FrameKind> = {
  5: 'binding-update',
  6: 'binding-acknowledgement',
  16: 'binding-revocation',
};

/** Looks at fixed offsets only: it runs for every frame of a measurement, and what it sees was sent by this lab. */
export function frameKind(frame: Uint8Array): FrameKind {
  const etherType = readU16(frame, 12);
  if (etherType < 0x0600)
    return frame[ETHERNET + 2] === 0xaf || frame[ETHERNET + 2] === 0xbf ? 'layer-2-update' : 'other';
  if (etherType === 0x0806) return 'arp';
  if (etherType === 0x0800) return ipv4Kind(frame);
  return etherType === 0x86dd ? ipv6Kind(frame) : 'other';
}

function ipv4Kind(frame: Uint8Array): FrameKind {
  const udp = ETHERNET + 4 * ((frame[ETHERNET] as number) & 15);
  if (frame[ETHERNET + 9] === 1 && (frame[udp] === 3 || frame[udp] === 11)) return 'other'; // an error message of a router
  if (frame[ETHERNET + 9] !== 17 || !isDhcpPort(readU16(frame, udp)) || !isDhcpPort(readU16(frame, udp + 2)))
    return 'ipv4';
  return dhcpKinds[dhcpMessageType(frame, udp + 8 + 240) ?? 0] ?? 'dhcp-other';
}

function isDhcpPort(port: number): boolean {
  return port === 67 || port === 68;
}

function dhcpMessageType(frame: Uint8Array, options: number): number | undefined {
  for (let at = options; at + 2 < frame.length; ) {
    const code = frame[at];
    if (code === 53) return frame[at + 2];
    if (code === 255) return undefined;
    at += code === 0 ? 1 : 2 + (frame[at + 1] as number);
  }
  return undefined;
}

function ipv6Kind(frame: Uint8Array): FrameKind {
  const next = frame[ETHERNET + 6];
  if (next === 135) return mobilityKinds[frame[ETHERNET + 42] as number] ?? 'other';
  if (next === 0) return 'other'; // multicast listener reports
  if (next === 58) {
    const type = frame[ETHERNET + 40] as number;
    if (type === 134) return 'router-advertisement';
    if (type >= 133 && type <= 137) return 'neighbor-discovery';
    if (type < 128) return 'other'; // an error message of a router
  }
  return 'ipv6';
}
