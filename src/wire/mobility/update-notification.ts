import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface UpdateNotification {
  readonly kind: 'update-notification';
  readonly sequence: number;
  /** One of `UpdateNotificationReason`. */
  readonly reason: number;
  /** A sum of `UpdateNotificationFlag`s. */
  readonly flags: number;
  readonly options: readonly MobilityOption[];
}

export const UpdateNotificationFlag = {
  /** Acknowledgement wanted. */
  A: 0x8000,
  /** Retransmission. */
  D: 0x4000,
} as const;

/** Registry "Update Notification Reasons". */
export const UpdateNotificationReason = {
  FORCE_REREGISTRATION: 1,
  UPDATE_SESSION_PARAMETERS: 2,
  VENDOR_SPECIFIC_REASON: 3,
  ANI_PARAMS_REQUESTED: 4,
  QOS_SERVICE_REQUEST: 5,
  FLOW_MOBILITY: 8,
} as const;

export const updateNotification = defineMobilityMessage<UpdateNotification>({
  type: 19,
  kind: 'update-notification',
  name: 'Update Notification',
  rfc: 'RFC 7077 §4.1 "Update Notification (UPN)"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'update-notification',
    sequence: readU16(bytes, 6),
    reason: readU16(bytes, 8),
    flags: readU16(bytes, 10),
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.sequence);
    writeU16(out, 8, message.reason);
    writeU16(out, 10, message.flags);
  },
});
