/**
 * The block of a packed binding. It begins with doubles and words, in the order of the processor; behind them come the prefixes, five words each (address, length),
 * what is rarely there, and the texts.
 */
export const Double = {
  ID: 0,
  ENDS_AT: 1,
  GRANTED_UNTIL: 2,
  REGISTERED_AT: 3,
  LIFETIME: 4,
  TIMESTAMP: 5,
  AGE: 6,
  COUNT: 7,
} as const;
const FIRST_WORD = 2 * Double.COUNT;
export const Word = {
  FLAGS: FIRST_WORD,
  CUSTOMER: FIRST_WORD + 1,
  /** Of the shared value; the same for SERVICE, where 0 is none. */
  CARE_OF: FIRST_WORD + 2,
  SERVICE: FIRST_WORD + 3,
  HOME_ADDRESS: FIRST_WORD + 4,
  DEFAULT_ROUTER: FIRST_WORD + 5,
  UPLINK_KEY: FIRST_WORD + 6,
  /** Sequence number, and above it the fraction of the timestamp. */
  SEQUENCE: FIRST_WORD + 7,
  /** Access technology, subtype of the identifier, length of the home address's prefix, number of prefixes: an octet each from below. */
  NUMBERS: FIRST_WORD + 8,
  /** Characters of the identifier and of the name; no name: it is the identifier. */
  NAME_LENGTHS: FIRST_WORD + 9,
  LINK_LAYER_LENGTH: FIRST_WORD + 10,
  /** Handles of others with the same Proxy Care-of Address; no part of the value. */
  NEXT: FIRST_WORD + 11,
  PREVIOUS: FIRST_WORD + 12,
  COUNT: FIRST_WORD + 13,
} as const;
export const WORDS_OF_PREFIX = 5;

export const STATES = ['active', 'deleting', 'revoking', 'invalid', 'resting'] as const;
/** The state is in the lowest octet. */
export const Flag = {
  HOME_ADDRESS: 1 << 8,
  FIXED_LINK_LOCAL: 1 << 9,
  LINK_LOCAL: 1 << 10,
  TIMESTAMP: 1 << 11,
  MESSAGE_ID: 1 << 12,
  UPLINK_KEY: 1 << 13,
  AUTHORIZATION: 1 << 14,
} as const;
