import { ANYWHERE, defineMobilityOption, exactly } from '../option.ts';

export interface Ipv4DhcpSupportModeOption {
  readonly kind: 'ipv4-dhcp-support-mode';
  /** S: the mobile access gateway is to be the DHCP server; else the relay. */
  readonly server: boolean;
}

const SERVER = 0x01;

export const ipv4DhcpSupportMode = defineMobilityOption<Ipv4DhcpSupportModeOption>({
  type: 39,
  kind: 'ipv4-dhcp-support-mode',
  name: 'IPv4 DHCP Support Mode',
  rfc: 'RFC 5844 §3.3.4 "IPv4 DHCP Support Mode Option"',
  align: ANYWHERE,
  length: exactly(2),
  decode: (bytes, at) => ({ kind: 'ipv4-dhcp-support-mode', server: ((bytes[at + 1] as number) & SERVER) !== 0 }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = option.server ? SERVER : 0;
    return at + 2;
  },
});
