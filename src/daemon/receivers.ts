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
): Receiver[] {
  const at = ({ config: { addresses } }: Receiver) =>
    sameAddress(addresses.ipv6, local) || sameAddress(addresses.ipv4, local);
  const lmas = node.lmas.filter(at);
  const mags = node.mags.filter(at);
  if (message === undefined || lmas.length === 0 || mags.length === 0) return [...lmas, ...mags];
  return isForAnchor(message) ? lmas : mags;
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
