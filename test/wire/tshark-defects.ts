import type { MobilityMessage, MobilityOption } from '#wire/mobility/index.ts';

/** Messages that tshark misreads, each with the proof that it is tshark which is wrong. */
export const TSHARK_DEFECTS: ReadonlyMap<MobilityMessage['kind'], string> = new Map([
  [
    'localized-routing-initiation',
    `RFC 6705 §10.1 "Localized Routing Initiation (LRI)": the sequence number is at octet 6 of the header and the options start at 12.
    tshark 4.0.17 takes octets 0 and 1 (Payload Proto and Header Len, 0x3b02) as the sequence number, and the options from 6 on.`,
  ],
  [
    'localized-routing-acknowledgement',
    'RFC 6705 §10.2 "Localized Routing Acknowledgment (LRA)": the same six octets too early.',
  ],
]);

/** Options that tshark cannot read past. */
export const TSHARK_OPTION_DEFECTS: ReadonlyMap<MobilityOption['kind'], string> = new Map([
  [
    'multicast-mobility',
    `RFC 7411 §5.3 "New Multicast Mobility Option": "The length of this option in 32-bit words, not including the Type, Length,
    Option-Code, and Reserved fields". tshark 4.0.17 does not know type 60 and takes the Length for octets.`,
  ],
  ['multicast-acknowledgement', 'RFC 7411 §5.4 "New Multicast Acknowledgement Option": the same.'],
]);

/** Fields whose values tshark prints wrongly; they are not compared. */
export const TSHARK_FIELD_DEFECTS: ReadonlyMap<string, string> = new Map([
  [
    'mip6.auth.auth_data',
    `RFC 4285 §5 "Mobility Message Authentication Option", Option Length: "representing the length in octets of the Subtype, mobility
    Security Parameter Index (SPI) and Authentication Data fields", so the data are all but 5 octets. tshark 4.0.17 leaves out 7.`,
  ],
  [
    'mip6.mseg_id.timestamp',
    `RFC 4285 §6 "Mobility Message Replay Protection Option": the timestamp is that of NTP, whose seconds count from 1900 and whose fraction
    is in 2^-32 s. tshark 4.0.17 takes them for seconds from 1970 and nanoseconds.`,
  ],
  [
    'mip6.badff.auth',
    `RFC 5568 §6.4.5 "Binding Authorization Data for FMIPv6 (BADF)": the authenticator is all that follows the SPI. tshark 4.0.17 leaves
    out its last 2 octets.`,
  ],
]);
