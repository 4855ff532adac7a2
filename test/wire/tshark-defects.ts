import type { MobilityMessage } from '#wire/mobility/index.ts';

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
