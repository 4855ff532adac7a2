/** What the fields of decoded values are called and what their numbers mean, as far as their names in the code do not say it. */
import {
  AccessTechnologyType,
  AuthenticationSubtype,
  BindingAcknowledgementFlag,
  BindingErrorStatus,
  BindingRevocationFlag,
  BindingStatus,
  BindingUpdateFlag,
  HandoffIndicator,
  HandoverAcknowledgeCode,
  HandoverAcknowledgeFlag,
  HandoverInitiateCode,
  HandoverInitiateFlag,
  Ipv4HomeAddressStatus,
  LocalizedRoutingStatus,
  MobileNodeIdentifierSubtype,
  MulticastAcknowledgementStatus,
  MulticastReportCode,
  QosOperation,
  RevocationStatus,
  RevocationTrigger,
  UpdateNotificationFlag,
  UpdateNotificationReason,
  UpdateNotificationStatus,
} from '#wire/mobility/index.ts';

type Numbers = Readonly<Record<string, number>>;

interface FlagField {
  /** Of the field in hexadecimal digits. */
  readonly digits: number;
  readonly flags: Numbers;
}

/** By `kind.field`. */
const enumerations: Readonly<Record<string, Numbers>> = {
  'binding-acknowledgement.status': BindingStatus,
  'binding-error.status': BindingErrorStatus,
  'fast-binding-acknowledgement.status': BindingStatus,
  'handover-initiate.code': HandoverInitiateCode,
  'handover-acknowledge.code': HandoverAcknowledgeCode,
  'binding-revocation-indication.trigger': RevocationTrigger,
  'binding-revocation-acknowledgement.status': RevocationStatus,
  'localized-routing-acknowledgement.status': LocalizedRoutingStatus,
  'update-notification.reason': UpdateNotificationReason,
  'update-notification-acknowledgement.status': UpdateNotificationStatus,
  'mobile-node-identifier.subtype': MobileNodeIdentifierSubtype,
  'mag-identifier.subtype': MobileNodeIdentifierSubtype,
  'authentication.subtype': AuthenticationSubtype,
  'handoff-indicator.indicator': HandoffIndicator,
  'access-technology-type.accessTechnology': AccessTechnologyType,
  'mag-multipath-binding.accessTechnology': AccessTechnologyType,
  'quality-of-service.operation': QosOperation,
  'ipv4-home-address-reply.status': Ipv4HomeAddressStatus,
  'ipv4-address-acknowledgement.status': Ipv4HomeAddressStatus,
  'multicast-mobility.code': MulticastReportCode,
  'multicast-acknowledgement.status': MulticastAcknowledgementStatus,
  'message-type.value': {
    DHCPDISCOVER: 1,
    DHCPOFFER: 2,
    DHCPREQUEST: 3,
    DHCPDECLINE: 4,
    DHCPACK: 5,
    DHCPNAK: 6,
    DHCPRELEASE: 7,
    DHCPINFORM: 8,
  },
};

const flagFields: Readonly<Record<string, FlagField>> = {
  'binding-update.flags': { digits: 4, flags: BindingUpdateFlag },
  'fast-binding-update.flags': { digits: 4, flags: BindingUpdateFlag },
  'binding-acknowledgement.flags': { digits: 2, flags: BindingAcknowledgementFlag },
  'fast-binding-acknowledgement.flags': { digits: 2, flags: BindingAcknowledgementFlag },
  'handover-initiate.flags': { digits: 2, flags: HandoverInitiateFlag },
  'handover-acknowledge.flags': { digits: 2, flags: HandoverAcknowledgeFlag },
  'binding-revocation-indication.flags': { digits: 4, flags: BindingRevocationFlag },
  'binding-revocation-acknowledgement.flags': { digits: 4, flags: BindingRevocationFlag },
  'update-notification.flags': { digits: 4, flags: UpdateNotificationFlag },
};

/** Fields that are times, whatever they are part of. */
const durationFields: ReadonlySet<string> = new Set([
  'lifetime',
  'refreshInterval',
  'refreshTime',
  'duration',
  'routerLifetime',
  'reachableTime',
  'retransTimer',
  'validLifetime',
  'preferredLifetime',
  'startTime',
  'initialRetransmissionTime',
  'maximumRetransmissionTime',
  'interval',
  'retransmissionDelay',
  'updateTimer',
  'elapsed',
]);

/** Times that go over the wire in units of 4 seconds. */
const fourSecondFields: ReadonlySet<string> = new Set([
  'binding-update.lifetime',
  'binding-acknowledgement.lifetime',
  'binding-refresh-advice.refreshInterval',
  'binding-reregistration-control.startTime',
  'ani-update-timer.updateTimer',
]);

const labels: Readonly<Record<string, string>> = {
  sequence: 'Sequence #',
  offLink: 'Off-link (L)',
  accessTechnology: 'Access Technology Type',
  indicator: 'Handoff Indicator',
  subtype: 'Subtype',
  response: 'Response (R)',
  unsolicited: 'Unsolicited (U)',
  server: 'DHCP server at the MAG (S)',
  prefixLength: 'Prefix-len',
  managed: 'Managed address configuration (M)',
  otherConfig: 'Other configuration (O)',
  onLink: 'On-link (L)',
  autonomous: 'Autonomous (A)',
  trigger: 'R. Trigger',
  identifier: 'Identifier',
  hopLimit: 'Cur Hop Limit',
  mac: 'Link-Layer Address',
};

/** `kind.field` or a message's kind, in one word for one-line output. */
const shortNames: Readonly<Record<string, string>> = {
  'binding-refresh-request': 'BRR',
  'home-test-init': 'HoTI',
  'care-of-test-init': 'CoTI',
  'home-test': 'HoT',
  'care-of-test': 'CoT',
  'binding-update': 'BU',
  'binding-acknowledgement': 'BA',
  'binding-error': 'BE',
  'fast-binding-update': 'FBU',
  'fast-binding-acknowledgement': 'FBack',
  heartbeat: 'Heartbeat',
  'handover-initiate': 'HI',
  'handover-acknowledge': 'HAck',
  'binding-revocation-indication': 'BRI',
  'binding-revocation-acknowledgement': 'BRA',
  'localized-routing-initiation': 'LRI',
  'localized-routing-acknowledgement': 'LRA',
  'update-notification': 'UPN',
  'update-notification-acknowledgement': 'UPA',
  'flow-binding-indication': 'FBI',
  'flow-binding-acknowledgement': 'FBA',
  'subscription-query': 'SQ',
  'subscription-response': 'SR',
};

/** Registry names of what has no codec: its layout is deprecated, experimental, or in none of the RFCs that this follows. */
const messageNames = new Map<number, string>([
  [10, 'Fast Neighbor Advertisement'],
  [11, 'Experimental Mobility Header'],
  [12, 'Home Agent Switch'],
]);

const optionNames = new Map<number, string>([
  [11, 'CGA Parameters Request'],
  [12, 'CGA Parameters'],
  [13, 'Signature'],
  [14, 'Permanent Home Keygen Token'],
  [15, 'Care-of Test Init'],
  [16, 'Care-of Test'],
  [17, 'DNS-UPDATE-TYPE'],
  [18, 'Experimental Mobility'],
  [65, 'Anchored Prefix'],
  [66, 'Local Prefix'],
  [67, 'Previous MAAR'],
  [68, 'Serving MAAR'],
  [69, 'DLIF Link-Local Address'],
  [70, 'DLIF Link-Layer Address'],
]);

/** Of a message that is kept as octets. */
export function unknownMessageName(type: number): string {
  return messageNames.get(type) ?? 'Unknown Message';
}

/** Of a mobility option that is kept as octets. */
export function unknownOptionName(type: number): string {
  return optionNames.get(type) ?? 'Unknown';
}

export function labelOf(field: string): string | undefined {
  return labels[field];
}

export function shortNameOf(kind: string): string {
  return shortNames[kind] ?? kind;
}

export function isDurationField(field: string): boolean {
  return durationFields.has(field);
}

export function isFourSecondField(kind: string, field: string): boolean {
  return fourSecondFields.has(`${kind}.${field}`);
}

/** The name of a number, where it has one. */
export function enumerationName(kind: string, field: string, value: number): string | undefined {
  const names = enumerations[`${kind}.${field}`];
  return names && nameOfNumber(names, value);
}

export function nameOfNumber(names: Numbers, value: number): string | undefined {
  return Object.entries(names).find(([, number]) => number === value)?.[0];
}

/** `0x8200 (A, P)`; absent when the field holds no flags. */
export function flagText(kind: string, field: string, value: number): string | undefined {
  const known = flagFields[`${kind}.${field}`];
  if (!known) return undefined;
  const set = flagNames(kind, field, value).join(', ');
  return `0x${value.toString(16).padStart(known.digits, '0')} (${set || 'none'})`;
}

/** Unknown bits as one number at the end. */
export function flagNames(kind: string, field: string, value: number): string[] {
  const known = flagFields[`${kind}.${field}`];
  if (!known) return [];
  const set = Object.entries(known.flags).filter(([, bit]) => (value & bit) !== 0);
  const rest = set.reduce((left, [, bit]) => left & ~bit, value);
  return [...set.map(([name]) => name), ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])];
}
