/** Every DHCP option that we read and write, in the order of their codes. The types follow from the array. */
import { Ipv4Address } from '#base/ipv4-address.ts';
import { classlessStaticRoute } from './classless-static-route.ts';
import { type Dhcpv4OptionCodec, defineDhcpv4Option } from './option.ts';
import { relayAgentInformation } from './relay-agent-information.ts';
import { address, addresses, data, duration, name, number } from './shapes.ts';

export interface SubnetMaskOption {
  readonly kind: 'subnet-mask';
  readonly mask: Ipv4Address;
}

export interface ParameterRequestListOption {
  readonly kind: 'parameter-request-list';
  readonly codes: readonly number[];
}

const subnetMask = defineDhcpv4Option<SubnetMaskOption>({
  code: 1,
  kind: 'subnet-mask',
  name: 'Subnet Mask',
  rfc: 'RFC 2132 §3.3 "Subnet Mask"',
  minimumLength: 4,
  maximumLength: 4,
  multipleOf: 1,
  decode: (octets) => ({ kind: 'subnet-mask', mask: Ipv4Address.read(octets) }),
  encode: (option, out) => out.ipv4(option.mask),
});

const parameterRequestList = defineDhcpv4Option<ParameterRequestListOption>({
  code: 55,
  kind: 'parameter-request-list',
  name: 'Parameter Request List',
  rfc: 'RFC 2132 §9.8 "Parameter Request List"',
  minimumLength: 1,
  maximumLength: 255,
  multipleOf: 1,
  decode: (octets) => ({ kind: 'parameter-request-list', codes: [...octets] }),
  encode(option, out) {
    for (const code of option.codes) out.u8(code);
  },
});

export const DHCPV4_OPTIONS = [
  subnetMask,
  addresses({ code: 3, kind: 'router', name: 'Router', rfc: 'RFC 2132 §3.5 "Router Option"' }),
  addresses({
    code: 6,
    kind: 'domain-name-server',
    name: 'Domain Name Server',
    rfc: 'RFC 2132 §3.8 "Domain Name Server Option"',
  }),
  name({ code: 12, kind: 'host-name', name: 'Host Name', rfc: 'RFC 2132 §3.14 "Host Name Option"' }),
  name({ code: 15, kind: 'domain-name', name: 'Domain Name', rfc: 'RFC 2132 §3.17 "Domain Name"' }),
  number(
    { code: 26, kind: 'interface-mtu', name: 'Interface MTU', rfc: 'RFC 2132 §5.1 "Interface MTU Option"' },
    'mtu',
    2,
  ),
  address({
    code: 28,
    kind: 'broadcast-address',
    name: 'Broadcast Address',
    rfc: 'RFC 2132 §5.3 "Broadcast Address Option"',
  }),
  addresses({
    code: 42,
    kind: 'ntp-server',
    name: 'Network Time Protocol Servers',
    rfc: 'RFC 2132 §8.3 "Network Time Protocol Servers Option"',
  }),
  data({
    code: 43,
    kind: 'vendor-specific-information',
    name: 'Vendor Specific Information',
    rfc: 'RFC 2132 §8.4 "Vendor Specific Information"',
  }),
  address({
    code: 50,
    kind: 'requested-address',
    name: 'Requested IP Address',
    rfc: 'RFC 2132 §9.1 "Requested IP Address"',
  }),
  duration({
    code: 51,
    kind: 'lease-time',
    name: 'IP Address Lease Time',
    rfc: 'RFC 2132 §9.2 "IP Address Lease Time"',
  }),
  number(
    { code: 53, kind: 'message-type', name: 'DHCP Message Type', rfc: 'RFC 2132 §9.6 "DHCP Message Type"' },
    'value',
    1,
  ),
  address({ code: 54, kind: 'server-identifier', name: 'Server Identifier', rfc: 'RFC 2132 §9.7 "Server Identifier"' }),
  parameterRequestList,
  name({ code: 56, kind: 'message', name: 'Message', rfc: 'RFC 2132 §9.9 "Message"' }),
  number(
    {
      code: 57,
      kind: 'maximum-message-size',
      name: 'Maximum DHCP Message Size',
      rfc: 'RFC 2132 §9.10 "Maximum DHCP Message Size"',
    },
    'size',
    2,
  ),
  duration({
    code: 58,
    kind: 'renewal-time',
    name: 'Renewal (T1) Time Value',
    rfc: 'RFC 2132 §9.11 "Renewal (T1) Time Value"',
  }),
  duration({
    code: 59,
    kind: 'rebinding-time',
    name: 'Rebinding (T2) Time Value',
    rfc: 'RFC 2132 §9.12 "Rebinding (T2) Time Value"',
  }),
  data({
    code: 60,
    kind: 'vendor-class-identifier',
    name: 'Vendor class identifier',
    rfc: 'RFC 2132 §9.13 "Vendor class identifier"',
  }),
  data(
    {
      code: 61,
      kind: 'client-identifier',
      name: 'Client-identifier',
      rfc: 'RFC 2132 §9.14 "Client-identifier"',
    },
    1,
  ),
  name({ code: 66, kind: 'tftp-server-name', name: 'TFTP server name', rfc: 'RFC 2132 §9.4 "TFTP server name"' }),
  name({ code: 67, kind: 'bootfile-name', name: 'Bootfile name', rfc: 'RFC 2132 §9.5 "Bootfile name"' }),
  data({ code: 80, kind: 'rapid-commit', name: 'Rapid Commit', rfc: 'RFC 4039' }),
  relayAgentInformation,
  classlessStaticRoute,
] as const;

type OptionOf<Codec> = Codec extends Dhcpv4OptionCodec<infer Option> ? Option : never;

/** An option without a codec here. */
export interface UnknownDhcpv4Option {
  readonly kind: 'unknown-option';
  readonly code: number;
  readonly data: Uint8Array;
}

export type KnownDhcpv4Option = OptionOf<(typeof DHCPV4_OPTIONS)[number]>;
export type Dhcpv4Option = KnownDhcpv4Option | UnknownDhcpv4Option;
