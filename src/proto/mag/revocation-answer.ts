import { BindingRevocationFlag, type BindingRevocationIndication } from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import type { MagContext } from './context.ts';

/**
 * RFC 5846 §6.1.2 "Sending Binding Revocation Acknowledgement": "The responder MUST set the Sequence Number field by copying the value from the Sequence Number field of the received
 * Binding Revocation Indication", and the bits P, G and V as they are in it.
 */
export function acknowledgeRevocation(
  mag: MagContext,
  to: PeerAddress,
  indication: BindingRevocationIndication,
  status: number,
): void {
  if (status < 128) mag.stats.briAccepted++;
  else mag.stats.briRejected++;
  const copied = BindingRevocationFlag.P | BindingRevocationFlag.G | BindingRevocationFlag.V;
  mag.emit({
    kind: 'send',
    to,
    message: {
      kind: 'binding-revocation-acknowledgement',
      status,
      sequence: indication.sequence,
      flags: indication.flags & copied,
      options: [],
    },
  });
}
