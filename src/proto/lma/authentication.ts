import type { ClockReading } from '#base/time.ts';
import type { BindingUpdate } from '#wire/mobility/index.ts';
import { findOption, verifyAuthentication } from '#wire/mobility/index.ts';
import { careOfAddress } from '../care-of-address.ts';
import type { MessageEvent, PeerAddress } from '../peer.ts';
import { logOfPeer } from './output.ts';
import { associationWith } from './security-association.ts';
import type { LmaState } from './state.ts';
import { countUnder } from './stats.ts';

/**
 * `refused`: it has the right option with the wrong data, and is to be told so. `discarded`: it hears nothing, and neither would a
 * stranger who asks what is here.
 */
export type Authenticity = 'accepted' | 'refused' | 'discarded';

/**
 * RFC 5213 §5.3.1(1) "Processing Proxy Binding Updates": it "MUST be authenticated as described in Section 4". RFC 4285 §5 "Mobility Message
 * Authentication Option" does that where there is a key for the peer or its domain; without one, IPsec does it below.
 *
 * RFC 4285 §5.1.1 "Processing Considerations": "If authentication fails, the Home Agent MUST send BA with Status Code MIPV6-AUTH-FAIL. If the Home Agent does not have
 * shared-key-based mobility SA, Home Agent MUST discard the BU. The Home Agent MAY log such events." RFC 4285 §5 has an update without the option
 * "silently" discarded where there is a key. Chooses: an MN-AAA option beside an authentic MN-HA option is not asked about,
 * as no AAA server shares keys with a gateway.
 */
export function authenticate(
  state: LmaState,
  { from, octets }: Omit<MessageEvent, 'message'>,
  message: BindingUpdate,
  now: ClockReading,
): Authenticity {
  const association = associationWith(state, from);
  if (!association) {
    if (!findOption(message.options, 'authentication')) return 'accepted';
    return discard(state, from, 'authentication without a key for it', now);
  }
  const verdict = octets
    ? verifyAuthentication(octets, association, careOfAddress(message, from, 'received'))
    : 'absent';
  switch (verdict) {
    case 'authentic':
      return 'accepted';
    case 'forged':
      return 'refused';
    case 'absent':
      return discard(state, from, 'no authentication with the SPI that is configured', now);
    case 'misplaced':
      return discard(state, from, 'authentication that does not stand at the end', now);
  }
}

function discard(state: LmaState, from: PeerAddress, reason: string, now: ClockReading): 'discarded' {
  countUnder(state.stats.pbuDiscarded, reason);
  const text = `A Proxy Binding Update was discarded: it has ${reason}; compare "auth-option" at both ends`;
  logOfPeer(state, 'pbu-not-authentic', text, { from: `${from.remote}`, reason }, now);
  return 'discarded';
}
