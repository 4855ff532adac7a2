import { type Dhcpv4Message, findDhcpv4Option } from '#wire/dhcpv4.ts';
import { type Dhcpv6Message, Dhcpv6MessageType } from '#wire/dhcpv6.ts';
import {
  BindingAcknowledgementFlag,
  BindingUpdateFlag,
  HandoverAcknowledgeFlag,
  HandoverInitiateFlag,
  type MobilityMessage,
  mobilityMessageCodec,
} from '#wire/mobility/index.ts';
import { enumerationName, nameOfNumber, shortNameOf, unknownMessageName } from './decode-names.ts';

/** As the RFC names it: `Proxy Binding Update` when the flag says so. */
export function messageName(message: MobilityMessage): string {
  if (message.kind === 'unknown-mobility-message') return unknownMessageName(message.type);
  const proxy = isProxy(message) ? 'Proxy ' : '';
  return proxy + mobilityMessageCodec(message.kind)?.name;
}

/** `PBU`, `PBA`, `BRI`. */
export function shortMessageName(message: MobilityMessage): string {
  if (message.kind === 'unknown-mobility-message') return `MH type ${message.type}`;
  const short = shortNameOf(message.kind);
  return isProxy(message) && (short === 'BU' || short === 'BA') ? `P${short}` : short;
}

/** `INFORMATION-REQUEST`. */
export function dhcpv6Name({ type }: Dhcpv6Message): string {
  return nameOfNumber(Dhcpv6MessageType, type)?.replaceAll('_', '-') ?? `DHCPv6 message ${type}`;
}

function isProxy(message: MobilityMessage): boolean {
  switch (message.kind) {
    case 'binding-update':
      return (message.flags & BindingUpdateFlag.P) !== 0;
    case 'binding-acknowledgement':
      return (message.flags & BindingAcknowledgementFlag.P) !== 0;
    case 'handover-initiate':
      return (message.flags & HandoverInitiateFlag.P) !== 0;
    case 'handover-acknowledge':
      return (message.flags & HandoverAcknowledgeFlag.P) !== 0;
    default:
      return false;
  }
}

/** `DHCPDISCOVER`. */
export function dhcpv4Name(message: Dhcpv4Message): string {
  const type = findDhcpv4Option(message.options, 'message-type')?.value;
  if (type === undefined) return message.op === 1 ? 'BOOTREQUEST' : 'BOOTREPLY';
  return enumerationName('message-type', 'value', type) ?? `DHCP message ${type}`;
}
