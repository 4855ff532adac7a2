import { canBeAuthenticated, encodeAuthenticated, encodeMobilityHeader } from '#wire/mobility/index.ts';
import { careOfAddress } from './care-of-address.ts';
import type { SendOutput } from './peer.ts';

/** The Mobility Header that goes out, authenticated where it is to be; its checksum field is zero. */
export function sentOctets({ message, octets, authentication, to, careOfAddress: covered }: SendOutput): Uint8Array {
  if (octets) return octets;
  if (!authentication || !canBeAuthenticated(message)) return encodeMobilityHeader(message);
  return encodeAuthenticated(message, authentication, covered ?? careOfAddress(message, to, 'sent'));
}
