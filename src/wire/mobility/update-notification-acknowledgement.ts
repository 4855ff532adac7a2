import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface UpdateNotificationAcknowledgement {
  readonly kind: 'update-notification-acknowledgement';
  readonly sequence: number;
  /** One of `UpdateNotificationStatus`. */
  readonly status: number;
  readonly options: readonly MobilityOption[];
}

export const UpdateNotificationStatus = {
  SUCCESS: 0,
  FAILED_TO_UPDATE_SESSION_PARAMETERS: 128,
  MISSING_VENDOR_SPECIFIC_OPTION: 129,
  CANNOT_MEET_QOS_SERVICE_REQUEST: 130,
  REASON_UNSPECIFIED: 131,
  MN_NOT_ATTACHED: 132,
} as const;

export const updateNotificationAcknowledgement = defineMobilityMessage<UpdateNotificationAcknowledgement>({
  type: 20,
  kind: 'update-notification-acknowledgement',
  name: 'Update Notification Acknowledgement',
  rfc: 'RFC 7077 §4.2 "Update Notification Acknowledgement (UPA)"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'update-notification-acknowledgement',
    sequence: readU16(bytes, 6),
    status: bytes[8] as number,
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.sequence);
    out[8] = message.status;
    out[9] = 0;
    writeU16(out, 10, 0);
  },
});
