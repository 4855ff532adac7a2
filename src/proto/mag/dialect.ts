import { HandoffIndicator } from '#wire/mobility/index.ts';
import type { Binding, RequestPurpose } from './state.ts';

/**
 * RFC 5213 §6.9.1.1(4) "Mobile Node Attachment and Initial Binding Registration": "The Handoff Indicator field MUST be set to a value of 4 (Handoff state unknown) if the mobile
 * access gateway cannot determine if the mobile node's current attachment is due to a handoff"; §6.9.1.3(3) "Extending Binding Lifetime": "MUST be set to
 * a value of 5"; §6.9.1.4(3) "Mobile Node Detachment and Binding De-Registration": "MUST be set to a value of 4". A station whose own link-layer address turns up
 * under the same MAG on another access technology has moved its session there: 2. Chooses: never 3, as nothing here proves that a node had a session at
 * another gateway; the LMA finds it by the link-layer identifier with 4 too.
 */
const HANDOFF: Readonly<Record<RequestPurpose, number>> = {
  attach: HandoffIndicator.UNKNOWN,
  'attach-further': HandoffIndicator.NEW_INTERFACE,
  handoff: HandoffIndicator.BETWEEN_INTERFACES,
  refresh: HandoffIndicator.NOT_CHANGED,
  release: HandoffIndicator.UNKNOWN,
  deregister: HandoffIndicator.UNKNOWN,
};

/**
 * How an LMA of interoperation `cisco` is spoken to: the mobile node is named by its link-layer address as text, the realm of its NAI is the
 * service, its link-layer identifier is that text too, and an attachment is one over a new interface.
 */
export function isCisco(binding: Binding): boolean {
  return binding.lma.interop === 'cisco';
}

export function handoffIndicator(binding: Binding, purpose: RequestPurpose): number {
  return isCisco(binding) && purpose === 'attach' ? HandoffIndicator.NEW_INTERFACE : HANDOFF[purpose];
}

/** What the Mobile Node Identifier option says. */
export function identityText(binding: Binding): string {
  return isCisco(binding) ? binding.mac.toCiscoString() : binding.nai;
}

/** What the Mobile Node Link-layer Identifier option says. */
export function linkLayerIdentifier({ mac, lma }: Binding): Uint8Array {
  return lma.interop === 'cisco' ? new TextEncoder().encode(mac.toCiscoString()) : mac.toBytes();
}

/** What the Service Selection option says; `undefined` without one. */
export function serviceSelection(binding: Binding): string | undefined {
  const at = isCisco(binding) ? binding.nai.indexOf('@') : -1;
  return at < 0 ? binding.profile.apn : binding.nai.slice(at);
}
