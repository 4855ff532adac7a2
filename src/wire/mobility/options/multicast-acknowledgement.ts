import { copyOctets, writeOctets } from '../../octets.ts';
import { defineMobilityOption } from '../option.ts';
import { MULTICAST_REPORT, multicastReportEnd } from './multicast-report.ts';

/**
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |     Type      |   Length      | Option-Code   |    Status     |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |           MLD or IGMP Unsupported Report Payload              |
 * ```
 */
export interface MulticastAcknowledgementOption {
  readonly kind: 'multicast-acknowledgement';
  /** "Option-Code: 0". */
  readonly code: number;
  /** One of `MulticastAcknowledgementStatus`. */
  readonly status: number;
  /** What was not transferred, in the form of a membership report; a multiple of 4 octets, 4 to 1020. */
  readonly report: Uint8Array;
}

export const MulticastAcknowledgementStatus = {
  REPORT_PAYLOAD_TYPE_UNSUPPORTED: 1,
  REQUESTED_GROUP_SERVICE_UNSUPPORTED: 2,
  REQUESTED_GROUP_SERVICE_ADMINISTRATIVELY_PROHIBITED: 3,
} as const;

export const multicastAcknowledgement = defineMobilityOption<MulticastAcknowledgementOption>({
  type: 61,
  kind: 'multicast-acknowledgement',
  name: 'Multicast Acknowledgement',
  rfc: 'RFC 7411 §5.4 "New Multicast Acknowledgement Option"',
  ...MULTICAST_REPORT,
  decode: (bytes, at, end) => ({
    kind: 'multicast-acknowledgement',
    code: bytes[at] as number,
    status: bytes[at + 1] as number,
    report: copyOctets(bytes, at + 2, end),
  }),
  encode(option, out, at) {
    out[at] = option.code;
    out[at + 1] = option.status;
    return multicastReportEnd(writeOctets(option.report, out, at + 2), at);
  },
});
