import { MacAddress } from '#base/mac-address.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const UDP = 17;
const ICMPV6 = 58;
const ROUTER_ADVERTISEMENT = 134;
const DHCP_SERVER_PORT = 67;
const DHCP_HARDWARE_ADDRESS = 28;
const DHCP_OPTIONS = 240;
const DHCP_MESSAGE_TYPE = 53;

/** Which answer to a mobile node a frame is, and to which node; only of frames that this program made itself. */
export interface Answer {
  readonly kind: 'routerAdvertisementSent' | 'dhcpOfferSent' | 'dhcpAckSent';
  readonly station: MacAddress;
}

export function answerKind(frame: Uint8Array): Answer | undefined {
  const etherType = u16(frame, 12);
  if (etherType === ETHERTYPE_IPV6 && frame[20] === ICMPV6 && frame[54] === ROUTER_ADVERTISEMENT) {
    return { kind: 'routerAdvertisementSent', station: MacAddress.read(frame) };
  }
  if (etherType !== ETHERTYPE_IPV4 || frame[23] !== UDP) return undefined;
  const udp = 14 + ((frame[14] as number) & 15) * 4;
  if (u16(frame, udp) !== DHCP_SERVER_PORT) return undefined;
  const dhcp = udp + 8;
  const kind = DHCP_KINDS[messageType(frame, dhcp + DHCP_OPTIONS)];
  return kind && { kind, station: MacAddress.read(frame, dhcp + DHCP_HARDWARE_ADDRESS) };
}

const DHCP_KINDS: Record<number, 'dhcpOfferSent' | 'dhcpAckSent'> = { 2: 'dhcpOfferSent', 5: 'dhcpAckSent' };

function messageType(frame: Uint8Array, options: number): number {
  for (let at = options; at + 2 < frame.length && frame[at] !== 255; ) {
    if (frame[at] === DHCP_MESSAGE_TYPE) return frame[at + 2] as number;
    at += frame[at] === 0 ? 1 : 2 + (frame[at + 1] as number);
  }
  return 0;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
