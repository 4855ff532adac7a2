import type { IpAddress } from '#base/ip-address.ts';
import { sameAddress } from '#base/ip-address.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { Machine } from '#proto/machine.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { MessageEvent, PeerAddress } from '#proto/peer.ts';
import type { WireError } from '#wire/error.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';

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
  return isForAnchor(message) ? lmas : mags;
}

const NOBODY: readonly Receiver[] = [];

function receiversAt(all: readonly Receiver[], local: IpAddress): readonly Receiver[] {
  if (all.length === 0) return NOBODY;
  return all.filter(
    ({ config: { addresses } }) => sameAddress(addresses.ipv6, local) || sameAddress(addresses.ipv4, local),
  );
}

function isForAnchor(message: MobilityMessage): boolean {
  switch (message.kind) {
    case 'binding-update':
    case 'binding-revocation-acknowledgement':
      return true;
    case 'heartbeat':
      return !message.response;
    default:
      return false;
  }
}
