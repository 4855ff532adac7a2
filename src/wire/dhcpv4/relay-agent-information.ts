import { copyOctets } from '../octets.ts';
import { ANY_LENGTH, defineDhcpv4Option } from './option.ts';

export interface RelayAgentInformationOption {
  readonly kind: 'relay-agent-information';
  readonly subOptions: readonly RelayAgentSubOption[];
}

export interface RelayAgentSubOption {
  /** One of `RelayAgentSubOptionCode`. */
  readonly code: number;
  readonly data: Uint8Array;
}

/** RFC 3046 §2.0 "Relay Agent Information Option", and the sub-options defined since. */
export const RelayAgentSubOptionCode = {
  AGENT_CIRCUIT_ID: 1,
  AGENT_REMOTE_ID: 2,
  LINK_SELECTION: 5,
  SUBSCRIBER_ID: 6,
  RADIUS_ATTRIBUTES: 7,
  AUTHENTICATION: 8,
  VENDOR_SPECIFIC: 9,
  SERVER_IDENTIFIER_OVERRIDE: 11,
} as const;

export const relayAgentInformation = defineDhcpv4Option<RelayAgentInformationOption>({
  code: 82,
  kind: 'relay-agent-information',
  name: 'Relay Agent Information',
  rfc: 'RFC 3046 §2.0 "Relay Agent Information Option"',
  minimumLength: 2,
  maximumLength: ANY_LENGTH,
  multipleOf: 1,
  decode(data) {
    const subOptions: RelayAgentSubOption[] = [];
    let at = 0;
    while (at < data.length) {
      const next = at + 2 + (data[at + 1] ?? 0);
      if (at + 2 > data.length || next > data.length) return undefined;
      subOptions.push({ code: data[at] as number, data: copyOctets(data, at + 2, next) });
      at = next;
    }
    return { kind: 'relay-agent-information', subOptions };
  },
  encode(option, out) {
    for (const each of option.subOptions) out.u8(each.code).u8(each.data.length).octets(each.data);
  },
});
