import {
  BindingRevocationFlag,
  type BindingRevocationIndication,
  findOption,
  MobileNodeIdentifierSubtype,
} from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import { echoedStamp } from '../revocation/sender.ts';
import type { MagContext } from './context.ts';
import { proven } from './proof.ts';

/**
 * RFC 5846 §6.1.2(2) "Sending Binding Revocation Acknowledgement" and §6.1.2(3): one that is accepted or rejected "MUST" be acknowledged "with an appropriate status code"; §6.1.2(1): not one that is
 * discarded, as what comes of an unknown peer is. §6.1.2(4): "The responder MUST set the Sequence Number field by copying the value from the Sequence Number field of the received Binding Revocation
 * Indication"; §6.1.2(5): the Status field is "a valid value"; §6.1.2(6), §6.1.2(7) and §6.1.2(8): the bits P, G and V are as they are in it. §4 "Binding Revocation Messages over IPv4 Transport Network": it goes back over the
 * transport on which the registration went, between the same addresses and ports.
 */
export function acknowledgeRevocation(
  mag: MagContext,
  to: PeerAddress,
  indication: BindingRevocationIndication,
  status: number,
  bindings: number,
): void {
  if (status < 128) mag.stats.briAccepted++;
  else mag.stats.briRejected++;
  const copied = BindingRevocationFlag.P | BindingRevocationFlag.G | BindingRevocationFlag.V;
  const message = {
    kind: 'binding-revocation-acknowledgement',
    status,
    sequence: indication.sequence,
    flags: indication.flags & copied,
    options: echoedStamp(indication.options),
  } as const;
  mag.emit(proven(mag.lmas, { kind: 'send', to, message }));
  const nai = identifiedNai(indication) ?? '';
  const text =
    status < 128 ? `the LMA revoked ${bindings} bindings` : `rejected a revocation of the LMA with status ${status}`;
  mag.log(status < 128 ? 'info' : 'warn', 'binding-revocation', text, {
    nai,
    trigger: indication.trigger,
    bindings,
    status,
  });
}

export function identifiedNai(indication: BindingRevocationIndication): string | undefined {
  const option = findOption(indication.options, 'mobile-node-identifier');
  if (option?.subtype !== MobileNodeIdentifierSubtype.NAI) return undefined;
  return new TextDecoder().decode(option.identifier);
}
