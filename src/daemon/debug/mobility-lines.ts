/** Lines about signalling, in the words of the debug of Cisco's gateways, with the numbers of our own messages. */
import { toHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { mobilityText } from '#cli/decode-summary.ts';
import { nameOf } from '#proto/lma/dialect.ts';
import type { PeerAddress } from '#proto/peer.ts';
import {
  type BindingAcknowledgement,
  type BindingUpdate,
  findOption,
  type MobilityMessage,
  type MobilityOption,
  mobilityOptionCodec,
} from '#wire/mobility/index.ts';
import type { DebugFlag } from './flags.ts';

export type Role = 'MAG' | 'LMA';
export type Line = readonly [flag: DebugFlag, text: string];

const SIGNALLING_PORT = 5436;
const LONGEST_OPTION = 512;

/** Whom a message is about, where it says so. */
export function macOf(message: MobilityMessage): MacAddress | undefined {
  if (message.kind === 'unknown-mobility-message') return undefined;
  const identifier = findOption(message.options, 'mobile-node-link-layer-identifier')?.identifier;
  return identifier && readMac(identifier);
}

export function naiOf(message: MobilityMessage): string | undefined {
  return message.kind === 'unknown-mobility-message' ? undefined : nameIn(message.options);
}

export function sentLines(role: Role, to: PeerAddress, message: MobilityMessage): Line[] {
  const { info, event } = flagsOf(role);
  const sending: Line = [info, `[PMIPV6_MM] ${sendingText(to)}`];
  switch (message.kind) {
    case 'binding-update':
      return [
        [info, `[PMIPV6_${role}_INFO]: PBU message ${updateText(message)}`],
        sending,
        ...optionLines(info, '[PMIPV6_MM]', 'included', message.options),
        [event, `[PMIPv6_${role}_EVENT]: PBU message sent`],
      ];
    case 'binding-acknowledgement':
      return [
        [info, `[PMIPV6_${role}_INFO]: PBA message ${acknowledgementText(message)}`],
        sending,
        ...optionLines(info, '[PMIPV6_MM]', 'included', message.options),
        [event, `[PMIPv6_${role}_EVENT]: PBA message sent`],
      ];
    default:
      return [
        [info, `[PMIPV6_${role}_INFO]: ${mobilityText(message)}`],
        sending,
        [event, `[PMIPv6_${role}_EVENT]: ${message.kind} message sent`],
      ];
  }
}

export function receivedLines(role: Role, from: PeerAddress, message: MobilityMessage): Line[] {
  const { info } = flagsOf(role);
  switch (message.kind) {
    case 'binding-update':
      return [
        [info, `[PMIPV6_${role}_INFO]: PBU message received from ${from.remote} ${updateText(message)}`],
        ...optionLines(info, '[PMIPv6_MM]', 'received', message.options),
      ];
    case 'binding-acknowledgement':
      return [
        [info, `[PMIPV6_${role}_INFO]: PBA message received from ${from.remote} ${acknowledgementText(message)}`],
        ...optionLines(info, '[PMIPv6_MM]', 'received', message.options),
      ];
    default:
      return [[info, `[PMIPV6_${role}_INFO]: received from ${from.remote}: ${mobilityText(message)}`]];
  }
}

export function flagsOf(role: Role): { readonly info: DebugFlag; readonly event: DebugFlag } {
  return role === 'MAG' ? { info: 'mag-info', event: 'mag-event' } : { info: 'lma-info', event: 'lma-event' };
}

/** `Sending UDP Packet, src: 0x0a6a236f, dst: 0x0a6a2528, sport: 5436, dport:5436`. */
function sendingText({ local, remote, port = SIGNALLING_PORT }: PeerAddress): string {
  if (!(local instanceof Ipv4Address) || !(remote instanceof Ipv4Address))
    return `Sending Mobility Header Packet, src: ${local}, dst: ${remote}`;
  return `Sending UDP Packet, src: ${hex(local)}, dst: ${hex(remote)}, sport: ${SIGNALLING_PORT}, dport:${port}`;
}

/** The lengths are those of the options: with their subtype and reserved octets. */
function updateText({ options, sequence }: BindingUpdate): string {
  const name = findOption(options, 'mobile-node-identifier');
  const identifier = findOption(options, 'mobile-node-link-layer-identifier');
  const home = findOption(options, 'ipv4-home-address-request')?.address;
  const technology = findOption(options, 'access-technology-type')?.accessTechnology ?? 0;
  const llid = identifier ? llidText(identifier.identifier) : '';
  return (
    `nai(${nameIn(options) ?? ''}), nai len: ${name ? lengthOf(name) : 0}, hoa(${home ? decimal(home) : 0}), ` +
    `att(${technology}) llid(${llid}) , ll len: ${identifier ? lengthOf(identifier) : 0} seqNo:${sequence}`
  );
}

function acknowledgementText({ options, status, lifetime, sequence }: BindingAcknowledgement): string {
  return `nai(${nameIn(options) ?? ''}), status(${status}) lifetime(${lifetime / 1000}) seqNo:${sequence}`;
}

/** Where the name is a link-layer address and the realm is the service, as with Cisco's gateways, both together. */
function nameIn(options: readonly MobilityOption[]): string | undefined {
  const option = findOption(options, 'mobile-node-identifier');
  if (!option) return undefined;
  const name = nameOf(option.subtype, option.identifier);
  const service = findOption(options, 'service-selection')?.identifier;
  return service?.startsWith('@') && !name.includes('@') ? name + printable(new TextEncoder().encode(service)) : name;
}

const OPTION_NAMES: Partial<Record<MobilityOption['kind'], string>> = {
  'mobile-node-identifier': 'NAI',
  'mobile-node-link-layer-identifier': 'LLID',
  'ipv4-home-address-request': 'V4HOAREQ',
  'ipv4-home-address-reply': 'V4HOAREPLY',
  'ipv4-default-router': 'V4DFT_RTR',
  'home-network-prefix': 'V6HNP',
  'handoff-indicator': 'HI',
  'access-technology-type': 'ATT',
};

function optionLines(
  flag: DebugFlag,
  tag: string,
  done: 'included' | 'received',
  options: readonly MobilityOption[],
): Line[] {
  return options.map((option) => {
    const name = OPTION_NAMES[option.kind] ?? option.kind.toUpperCase().replaceAll('-', '_');
    return [flag, `${tag} ${name} option ${done} len ${lengthOf(option)}${valueText(option)}`];
  });
}

function valueText(option: MobilityOption): string {
  switch (option.kind) {
    case 'ipv4-home-address-request':
    case 'ipv4-home-address-reply':
    case 'ipv4-default-router':
      return ` val ${decimal(option.address)}`;
    case 'home-network-prefix':
      return ` val ${option.prefix}`;
    case 'handoff-indicator':
      return ` val ${option.indicator}`;
    case 'access-technology-type':
      return ` val ${option.accessTechnology}`;
    default:
      return '';
  }
}

const scratch = new Uint8Array(LONGEST_OPTION);

/** The Length field of the option. */
function lengthOf(option: MobilityOption): number {
  if (option.kind === 'unknown-option') return option.data.length;
  const codec = mobilityOptionCodec(option.kind) as { encode(of: MobilityOption, out: Uint8Array, at: number): number };
  return codec.encode(option, scratch, 0);
}

function readMac(identifier: Uint8Array): MacAddress | undefined {
  return identifier.length === 6 ? MacAddress.read(identifier) : MacAddress.parse(printable(identifier));
}

function llidText(identifier: Uint8Array): string {
  return readMac(identifier)?.toCiscoString() ?? toHex(identifier);
}

/** What a peer sent must not steer a terminal. */
function printable(octets: Uint8Array): string {
  return String.fromCharCode(...octets.map((octet) => (octet >= 0x20 && octet < 0x7f ? octet : 0x2e)));
}

function decimal(address: Ipv4Address): number {
  return address.word >>> 0;
}

function hex(address: Ipv4Address): string {
  return `0x${decimal(address).toString(16).padStart(8, '0')}`;
}
