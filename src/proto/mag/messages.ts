import { Ipv6Address } from '#base/ipv6-address.ts';
import type { WireError } from '#wire/error.ts';
import { type BindingError, BindingErrorStatus } from '#wire/mobility/index.ts';
import type { MessageEvent, PeerAddress } from '../peer.ts';
import { proofIn } from '../peer-proof.ts';
import { receiveAcknowledgement } from './acknowledgement.ts';
import { isAuthentic } from './authentication.ts';
import { receiveRevocationAnswer, revocationUnsupported } from './bulk-revocation.ts';
import type { MagContext } from './context.ts';
import { receiveBindingError, receiveHeartbeat, watchLma } from './lma-paths.ts';
import { receiveRevocation } from './revocation.ts';

/** One well-formed Mobility Header message from whomever; only LMAs that the configuration or the AAA server names are listened to. */
export function receiveMessage(mag: MagContext, event: MessageEvent): void {
  const { from, message } = event;
  const lma = mag.lmas.at(from.remote);
  if (!lma) {
    mag.stats.messagesFromUnknownPeer++;
    return;
  }
  mag.peerMessages.received(from.remote, message);
  switch (message.kind) {
    case 'binding-acknowledgement':
      if (!isAuthentic(mag, lma, event, message)) return;
      receiveAcknowledgement(mag, from, message);
      watchLma(mag, from, lma.name);
      return;
    case 'binding-revocation-indication':
      receiveRevocation(mag, from, message, proofIn(event.octets, lma, from.local));
      return;
    case 'binding-revocation-acknowledgement':
      receiveRevocationAnswer(mag, from, message, proofIn(event.octets, lma, from.local));
      return;
    case 'heartbeat':
      receiveHeartbeat(mag, from, message, proofIn(event.octets, lma, from.local));
      return;
    case 'binding-error':
      mag.stats.messagesUnsupported++;
      if (!isOfRevocation(mag, from, message)) receiveBindingError(mag, from, message);
      return;
    case 'unknown-mobility-message':
      reportUnknownType(mag, from);
      return;
    default:
      mag.stats.messagesUnsupported++;
  }
}

/** A Binding Error does not say which type of message it is about: of those that an LMA may not know, a revocation that waits is the likelier one. */
function isOfRevocation(mag: MagContext, from: PeerAddress, { status }: BindingError): boolean {
  return status === BindingErrorStatus.UNRECOGNIZED_MH_TYPE && revocationUnsupported(mag, from);
}

/** Octets that were no message: from an LMA they are worth a line, from anybody else a count. */
export function receiveMalformed(mag: MagContext, from: PeerAddress, error: WireError): void {
  mag.stats.messagesMalformed++;
  if (!mag.lmas.at(from.remote)) return;
  mag.log('warn', 'malformed-message', `A malformed message of an LMA was dropped: ${error.rule}`, {
    from: `${from.remote}`,
    error: error.code,
    field: error.field,
    offset: error.offset,
  });
}

/**
 * RFC 5213 §6.9.1.2(2) "Receiving Proxy Binding Acknowledgement": "MUST observe the rules described in Section 9.2 of [RFC3775] when processing Mobility Headers"; RFC 5846 §6.2 "Receiving Binding Revocation Message" has the same.
 * RFC 6275 §9.2 "Processing Mobility Headers": "the node MUST discard the message and issue a Binding Error message as described in
 * Section 9.3.3, with the Status field set to 2 (unrecognized MH Type value)."
 */
function reportUnknownType(mag: MagContext, from: PeerAddress): void {
  mag.stats.messagesUnsupported++;
  if (!mag.bindingErrorLimit.allows(mag.instant)) return;
  mag.stats.bindingErrorsSent++;
  const status = BindingErrorStatus.UNRECOGNIZED_MH_TYPE;
  const message = { kind: 'binding-error', status, homeAddress: Ipv6Address.unspecified, options: [] } as const;
  mag.emit({ kind: 'send', to: from, message });
}
