import { optionEnd } from './option-list.ts';
import { HandoffIndicator } from './options/handoff-indicator.ts';

// RFC 6275 §6.1.7 "Binding Update Message": its type, and where its lifetime and its options begin.
const BINDING_UPDATE = 5;
const LIFETIME_AT = 10;
const OPTIONS_AT = 12;
const PAD1 = 0;
const HANDOFF_INDICATOR = 23;

/**
 * Whether a Mobility Header says of itself that it is a request for an "Attachment over a new interface" (RFC 5213 §8.4 "Handoff Indicator
 * Option"), without decoding it: for whoever has no time for that. What is malformed is none.
 */
export function isNewAttachment(bytes: Uint8Array): boolean {
  if (bytes[2] !== BINDING_UPDATE || (bytes[LIFETIME_AT] === 0 && bytes[LIFETIME_AT + 1] === 0)) return false;
  const end = Math.min(((bytes[1] as number) + 1) * 8, bytes.length);
  for (let at = OPTIONS_AT; at + 3 < end; ) {
    const type = bytes[at];
    if (type === HANDOFF_INDICATOR) return bytes[at + 3] === HandoffIndicator.NEW_INTERFACE;
    at = type === PAD1 ? at + 1 : optionEnd(bytes, at);
  }
  return false;
}
