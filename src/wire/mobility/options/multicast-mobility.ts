import { copyOctets, writeOctets } from '../../octets.ts';
import { defineMobilityOption } from '../option.ts';
import { MULTICAST_REPORT, multicastReportEnd } from './multicast-report.ts';

/**
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |     Type      |   Length      | Option-Code   |   Reserved    |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                    MLD or IGMP Report Payload                 |
 * ```
 */
export interface MulticastMobilityOption {
  readonly kind: 'multicast-mobility';
  /** One of `MulticastReportCode`. */
  readonly code: number;
  /** A membership report without its ICMP header: reserved, number of records, records. A multiple of 4 octets, 4 to 1020. */
  readonly report: Uint8Array;
}

export const MulticastReportCode = {
  IGMPV3: 1,
  MLDV2: 2,
  IGMPV3_FROM_IGMPV2: 3,
  MLDV2_FROM_MLDV1: 4,
} as const;

export const multicastMobility = defineMobilityOption<MulticastMobilityOption>({
  type: 60,
  kind: 'multicast-mobility',
  name: 'Multicast Mobility',
  rfc: 'RFC 7411 §5.3 "New Multicast Mobility Option"',
  ...MULTICAST_REPORT,
  decode: (bytes, at, end) => ({
    kind: 'multicast-mobility',
    code: bytes[at] as number,
    report: copyOctets(bytes, at + 2, end),
  }),
  encode(option, out, at) {
    out[at] = option.code;
    out[at + 1] = 0;
    return multicastReportEnd(writeOctets(option.report, out, at + 2), at);
  },
});
