import { sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { ClockReading } from '#base/time.ts';
import { BindingErrorStatus } from '#wire/mobility/index.ts';
import type { MessageEvent, PeerAddress } from '../peer.ts';
import { receiveBindingError, receiveHeartbeat, watchPeer } from './peer-paths.ts';
import { receiveIndication } from './revocation-by-mag.ts';
import { handleAcknowledgement } from './revocation-outcome.ts';
import { isServedPeer, type LmaState } from './state.ts';
import { countUnder } from './stats.ts';
import { handleBindingUpdate } from './update.ts';

/** One well-formed Mobility Header message from whomever. */
export function handleMessage(state: LmaState, event: MessageEvent, now: ClockReading): void {
  const { from, message } = event;
  if (!isUnicast(from)) {
    state.stats.unservedSource++;
    return;
  }
  const isServed = isServedPeer(state, from.remote);
  if (isServed) state.peerMessages.received(from.remote, message);
  switch (message.kind) {
    case 'binding-update':
      handleBindingUpdate(state, event, message, now);
      watchPeer(state, from, now);
      return;
    case 'binding-revocation-acknowledgement':
      handleAcknowledgement(state, event, message, now);
      return;
    case 'binding-revocation-indication':
      if (isServed) receiveIndication(state, event, message, now);
      else state.stats.briFromStrangers++;
      return;
    case 'heartbeat':
      if (isServed) receiveHeartbeat(state, event, message, now);
      else state.stats.heartbeatsFromStrangers++;
      return;
    case 'binding-error':
      countUnder(state.stats.unexpected, message.kind);
      if (isServed) receiveBindingError(state, from, message, now);
      return;
    case 'unknown-mobility-message':
      reportUnknownType(state, from, now);
      return;
    default:
      countUnder(state.stats.unexpected, message.kind);
  }
}

/**
 * RFC 6275 §9.2 "Processing Mobility Headers": "The MH Type field MUST have a known value ... Otherwise, the node MUST discard the message
 * and issue a Binding Error message as described in Section 9.3.3, with the Status field set to 2 (unrecognized MH Type value)."
 * RFC 6275 §9.3.3 "Sending Binding Error Messages": they "SHOULD be subject to rate limiting"; the home address is "set to the
 * unspecified address if no such option appeared in the packet."
 */
function reportUnknownType(state: LmaState, from: PeerAddress, now: ClockReading): void {
  countUnder(state.stats.unexpected, 'unknown-mobility-message');
  if (!state.bindingErrorLimit.allows(now.instant)) {
    state.stats.bindingErrorsSuppressed++;
    return;
  }
  state.stats.bindingErrorsSent++;
  const status = BindingErrorStatus.UNRECOGNIZED_MH_TYPE;
  const message = { kind: 'binding-error', status, homeAddress: Ipv6Address.unspecified, options: [] } as const;
  state.outputs.push({ kind: 'send', to: from, message });
}

function isUnicast({ remote }: PeerAddress): boolean {
  return !remote.isMulticast && !remote.isUnspecified && !sameAddress(remote, Ipv4Address.broadcast);
}
