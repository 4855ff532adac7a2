import type { IpAddress } from '#base/ip-address.ts';
import { sameAddress } from '#base/ip-address.ts';
import type { ClockReading } from '#base/time.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { LmaMachine } from '#proto/lma/index.ts';
import type { Machine } from '#proto/machine.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { MessageEvent, PeerAddress } from '#proto/peer.ts';
import type { WireError } from '#wire/error.ts';
import {
  BindingRevocationFlag,
  type BindingRevocationIndication,
  isBindingUpdate,
  type MobilityMessage,
} from '#wire/mobility/index.ts';
import { isNewAttachment } from '#wire/mobility/new-attachment.ts';

/** What both roles understand. */
export type PeerEvent =
  | MessageEvent
  | { readonly kind: 'malformed'; readonly from: PeerAddress; readonly error: WireError };

export interface Receiver {
  readonly config: LmaConfig | MagConfig;
  readonly machine: Pick<Machine<PeerEvent, unknown>, 'handle'>;
}

/**
 * The machines that a message to a local address is for. Where an LMA and a MAG share the address, the kind of message decides; a
 * malformed one (no `message`) is told to both.
 */
export function receiversOf(
  node: { readonly lmas: readonly Receiver[]; readonly mags: readonly Receiver[] },
  local: IpAddress,
  message?: MobilityMessage,
): readonly Receiver[] {
  const lmas = receiversAt(node.lmas, local);
  const mags = receiversAt(node.mags, local);
  if (mags.length === 0) return lmas;
  if (lmas.length === 0) return mags;
  if (message === undefined) return [...lmas, ...mags];
  // Each role has asked, or not, what such an answer is about.
  if (message.kind === 'binding-revocation-acknowledgement') return [...lmas, ...mags];
  return isForAnchor(message) ? lmas : mags;
}

/** Whether the anchor at this address has handled what came, as `LmaMachine.renew` does. It need not look for one that says itself that it renews nothing. */
export function isRenewal(
  lmas: readonly (Receiver & { readonly machine: Pick<LmaMachine, 'renew'> })[],
  from: PeerAddress,
  octets: Uint8Array,
  now: ClockReading,
): boolean {
  if (!isBindingUpdate(octets) || isNewAttachment(octets)) return false;
  const receivers = receiversAt(lmas, from.local);
  return receivers.length === 1 && receivers[0]?.machine.renew(from, octets, now) === true;
}

const NOBODY: readonly never[] = [];

function receiversAt<One extends Receiver>(all: readonly One[], local: IpAddress): readonly One[] {
  if (all.length === 0) return NOBODY;
  if (all.length === 1) return isAt(all[0] as One, local) ? all : NOBODY;
  return severalAt(all, local);
}

function severalAt<One extends Receiver>(all: readonly One[], local: IpAddress): readonly One[] {
  return all.filter((receiver) => isAt(receiver, local));
}

function isAt({ config: { addresses } }: Receiver, local: IpAddress): boolean {
  return sameAddress(addresses.ipv6, local) || sameAddress(addresses.ipv4, local);
}

function isForAnchor(message: MobilityMessage): boolean {
  switch (message.kind) {
    case 'binding-update':
      return true;
    case 'binding-revocation-indication':
      return isOfGateway(message);
    case 'heartbeat':
      return !message.response;
    default:
      return false;
  }
}

/** RFC 5846 §9.2 "Sending Binding Revocation Indication" has a MAG say who it is when it revokes all that it has; an LMA, §8.1, "MUST NOT include any mobility options" in a message that means all. */
function isOfGateway({ flags, options }: BindingRevocationIndication): boolean {
  return (flags & BindingRevocationFlag.G) !== 0 && options.length > 0;
}
