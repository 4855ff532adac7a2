import type { IpAddress } from '#base/ip-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Path } from './desired.ts';
import type { DropReason } from './drop-reason.ts';
import { decapsulate, type TunnelPacket } from './encapsulation.ts';
import { isMulticast, readIpHeader, targetOf } from './ip-packet.ts';
import type { Target } from './part.ts';
import { receiverOf } from './receiver.ts';
import { tunnelMismatch } from './tunnel-form.ts';

/** What becomes of a packet, or has become of it. */
export type PacketFate =
  | { readonly kind: 'into-tunnel' | 'out-of-tunnel'; readonly local: IpAddress; readonly remote: IpAddress }
  | { readonly kind: 'to-mobile-node' }
  | { readonly kind: 'dropped'; readonly reason: DropReason }
  /** It is no business of any binding. */
  | { readonly kind: 'elsewhere' };

/** What a data plane holds, as far as it decides on a packet. */
export interface FateTables {
  binding(kind: 'anchor' | 'access', target: Target): BindingWay | undefined;
  /** Whether a tunnel of a binding leads there. */
  isPeer(address: IpAddress): boolean;
  isLocal(address: IpAddress): boolean;
}

export interface BindingWay {
  readonly path: Path | undefined;
  /** 0 without. */
  readonly receiveKey: number;
  /** Whether it is at the access link that is looked at. */
  readonly here: boolean;
}

/** Where a packet is seen. */
export interface Sight {
  readonly way: 'input' | 'output';
  readonly access: boolean;
}

/** By the tables as they are now; access lists and the state of routes are not looked at. */
export function packetFate(packet: Uint8Array, { way, access }: Sight, tables: FateTables): PacketFate {
  const header = readIpHeader(packet);
  if (!header) return { kind: 'dropped', reason: 'malformed' };
  const tunnel = decapsulate(packet);
  if (tunnel && tunnel !== 'malformed') {
    if (tables.isLocal(tunnel.source)) return { kind: 'into-tunnel', local: tunnel.source, remote: tunnel.destination };
    if (tables.isLocal(tunnel.destination)) return outOfTunnel(tunnel, tables);
  }
  const { source, destination } = header;
  if (isMulticast(destination)) return { kind: 'elsewhere' };
  const served = tables.binding('access', targetOf(destination));
  if (way === 'output' && access && served) return { kind: 'to-mobile-node' };
  if (way === 'input' && access) return fromMobileNode(tables.binding('access', targetOf(source)), source);
  const anchored = tables.binding('anchor', targetOf(destination));
  if (anchored?.path) return { kind: 'into-tunnel', ...ends(anchored.path) };
  const from = tables.binding('anchor', targetOf(source));
  return from?.path && way === 'output' ? { kind: 'out-of-tunnel', ...ends(from.path) } : { kind: 'elsewhere' };
}

function fromMobileNode(binding: BindingWay | undefined, source: IpAddress): PacketFate {
  if (!binding?.path) {
    const isOwn = source.isUnspecified || (source instanceof Ipv6Address && source.isLinkLocal);
    return isOwn ? { kind: 'elsewhere' } : { kind: 'dropped', reason: 'no-binding' };
  }
  return binding.here ? { kind: 'into-tunnel', ...ends(binding.path) } : { kind: 'dropped', reason: 'spoofed-source' };
}

function outOfTunnel(tunnel: TunnelPacket, tables: FateTables): PacketFate {
  if (!tables.isPeer(tunnel.source)) return { kind: 'dropped', reason: 'tunnel-unknown-peer' };
  const inner = readIpHeader(tunnel.inner);
  if (!inner) return { kind: 'dropped', reason: 'malformed' };
  const anchor = tables.binding('anchor', targetOf(inner.source));
  const receiver = receiverOf(inner, tunnel.key);
  const binding = anchor ?? (receiver && tables.binding('access', receiver));
  const isForGroup = isMulticast(inner.destination);
  if (!binding) return { kind: 'dropped', reason: isForGroup ? 'multicast' : 'tunnel-no-binding' };
  const key = binding.receiveKey === 0 ? undefined : binding.receiveKey;
  const mismatch = tunnelMismatch(tunnel, binding.path, key);
  if (mismatch && mismatch !== 'tunnel-moved-port') return { kind: 'dropped', reason: mismatch };
  if (anchor && isForGroup) return { kind: 'dropped', reason: 'multicast' };
  return { kind: 'out-of-tunnel', local: tunnel.destination, remote: tunnel.source };
}

function ends({ local, remote }: Path): { readonly local: IpAddress; readonly remote: IpAddress } {
  return { local, remote };
}
