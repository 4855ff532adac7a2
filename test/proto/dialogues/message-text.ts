import { readU16, toHex } from '#base/bytes.ts';
import type { MobilityMessage, MobilityOption } from '#wire/mobility/index.ts';
import {
  BindingAcknowledgementFlag,
  BindingRevocationFlag,
  BindingUpdateFlag,
  HandoffIndicator,
  RevocationStatus,
  RevocationTrigger,
  statusName,
  timestampToUtc,
} from '#wire/mobility/index.ts';

const SIGNALLING_PORT = 5436;
const IPV4_HEADER = 20;

/** A message in parts: what it is, and then each of its options in their order. `packet`: the one that carries it. */
export function messageText(message: MobilityMessage, packet: Uint8Array): string[] {
  const parts = [headText(message) + pathText(packet)];
  if ('options' in message) parts.push(...message.options.map(optionText));
  return parts;
}

function headText(message: MobilityMessage): string {
  switch (message.kind) {
    case 'binding-update':
      return `PBU ${message.sequence}, lifetime ${message.lifetime / 1000} s${flags(BindingUpdateFlag, message.flags)}`;
    case 'binding-acknowledgement': {
      const { sequence, status, lifetime } = message;
      return `PBA ${sequence} ${statusName(status)}, lifetime ${lifetime / 1000} s${flags(BindingAcknowledgementFlag, message.flags)}`;
    }
    case 'binding-revocation-indication': {
      const trigger = nameOf(RevocationTrigger, message.trigger);
      return `BRI ${message.sequence} ${trigger}${flags(BindingRevocationFlag, message.flags)}`;
    }
    case 'binding-revocation-acknowledgement':
      return `BRA ${message.sequence} ${nameOf(RevocationStatus, message.status)}${flags(BindingRevocationFlag, message.flags)}`;
    case 'heartbeat':
      if (!message.response) return `Heartbeat request ${message.sequence}`;
      return message.unsolicited ? 'Heartbeat response, unsolicited' : `Heartbeat response ${message.sequence}`;
    default:
      return message.kind;
  }
}

/** Over IPv4 with the ports, where they are not both that of signalling. */
function pathText(packet: Uint8Array): string {
  if ((packet[0] ?? 0) >>> 4 === 6) return '';
  const [from, to] = [readU16(packet, IPV4_HEADER), readU16(packet, IPV4_HEADER + 2)];
  if (from !== SIGNALLING_PORT) return `, UDP from port ${from}`;
  return to === SIGNALLING_PORT ? ', UDP' : `, UDP to port ${to}`;
}

function flags(names: Readonly<Record<string, number>>, value: number): string {
  const set = Object.entries(names).filter(([, bit]) => (value & bit) !== 0);
  return set.length > 0 ? `, flags ${set.map(([name]) => name).join(' ')}` : '';
}

function optionText(option: MobilityOption): string {
  switch (option.kind) {
    case 'mobile-node-identifier':
      return new TextDecoder().decode(option.identifier);
    case 'home-network-prefix':
      return `HNP ${option.prefix}`;
    case 'handoff-indicator':
      return `HI ${option.indicator} ${nameOf(HandoffIndicator, option.indicator)}`;
    case 'access-technology-type':
      return `ATT ${option.accessTechnology}`;
    case 'timestamp':
      return `time ${new Date(timestampToUtc(option)).toISOString().slice(11, -1)}`;
    case 'mobile-node-link-layer-identifier':
      return `LL-ID ${option.identifier.length === 6 ? toHex(option.identifier) : new TextDecoder().decode(option.identifier)}`;
    case 'link-local-address':
      return `link-local ${option.address}`;
    case 'ipv4-home-address-request':
      return `HoA ${option.address}/${option.prefixLength}`;
    case 'ipv4-home-address-reply':
      return `HoA ${option.address}/${option.prefixLength}${option.status === 0 ? '' : ` status ${option.status}`}`;
    case 'ipv4-default-router':
      return `router ${option.address}`;
    case 'gre-key':
      return option.key === undefined ? 'GRE without key' : `GRE key 0x${option.key.toString(16)}`;
    case 'ipv4-care-of-address':
      return `own address ${option.address}`;
    case 'nat-detection':
      return `NAT detection, UDP encapsulation ${option.forceUdpEncapsulation ? 'on' : 'off'}`;
    case 'service-selection':
      return `service ${option.identifier}`;
    case 'authentication':
      return `authentication with SPI ${option.spi}`;
    case 'restart-counter':
      return `restart counter ${option.counter}`;
    case 'binding-refresh-advice':
      return `refresh within ${option.refreshInterval / 1000} s`;
    default:
      return option.kind;
  }
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? `${value}`;
}
