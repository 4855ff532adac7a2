import { randomInt } from 'node:crypto';
import type { GreKeys, Path } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { encapsulate } from '#dataplane/encapsulation.ts';
import { fragmentTunnelPacket } from '#dataplane/fragment.ts';
import { icmpErrorFor, type TunnelFault } from '#dataplane/icmp-error.ts';
import { type IpHeader, readIpHeader } from '#dataplane/ip-packet.ts';
import { oversize, oversizeOnLink } from '#dataplane/oversize.ts';
import { keysOf } from '#dataplane/tunnel-form.ts';
import type { HeldBinding, PmipMaps } from './bpf-maps.ts';
import type { BpfTables } from './bpf-tables.ts';
import type { IcmpSender } from './icmp-sender.ts';
import type { TunnelPacketSender } from './tunnel-packet-sender.ts';

const IDENTIFICATIONS = 2 ** 32;

/** The way that a packet would have gone. */
export interface OversizeWay {
  readonly customer: number;
  readonly binding: HeldBinding;
  readonly path: Path;
  readonly direction: 'up' | 'down';
}

export interface OversizeParts {
  readonly maps: PmipMaps;
  readonly tables: BpfTables;
  readonly icmp: IcmpSender;
  readonly tunnels: TunnelPacketSender;
}

/** Packets that are longer than their tunnels carry in one piece, or, of those for a group, than the link of a mobile node carries. */
export class OversizePackets {
  readonly #parts: OversizeParts;

  constructor(parts: OversizeParts) {
    this.#parts = parts;
  }

  /** `resend` takes what fits, to go on as the packet did. Gives why it went no further. */
  handle(packet: Uint8Array, way: OversizeWay, resend: (packet: Uint8Array) => void): readonly DropReason[] {
    const fate = oversize(packet, this.#parts.tables.mtuOf(way.binding.path));
    if (fate.kind === 'fragments') {
      for (const fragment of fate.packets) resend(fragment);
      return [];
    }
    if (fate.kind === 'tunnel-fragments') return this.#fragmentTunnel(packet, way);
    return this.#refuse('too-big', packet, fate.fault, way.customer);
  }

  /** The same of one for a group, on its way to a mobile node on a link of this interface index. */
  onLink(packet: Uint8Array, device: number, resend: (packet: Uint8Array) => void): readonly DropReason[] {
    const { maps } = this.#parts;
    const mtu = maps.accessMtu(device);
    const fate = packet.length > mtu ? oversizeOnLink(packet, mtu) : { kind: 'fragments' as const, packets: [packet] };
    if (fate.kind === 'fragments') {
      for (const fragment of fate.packets) resend(fragment);
      return [];
    }
    return this.#refuse('too-big-for-link', packet, fate.fault, maps.customerOfDevice(device));
  }

  /** Tells its source, unless too many have been told. */
  #refuse(reason: DropReason, packet: Uint8Array, fault: TunnelFault, customer: number): readonly DropReason[] {
    const error = icmpErrorFor(packet, fault);
    return error && !this.#parts.icmp.send(error, customer) ? [reason, 'icmp-limit'] : [reason];
  }

  #fragmentTunnel(packet: Uint8Array, { binding, path, direction }: OversizeWay): readonly DropReason[] {
    const { maps, tables, tunnels } = this.#parts;
    const keys: GreKeys | undefined = keysOf(path.encapsulation) && {
      send: binding.sendKey,
      receive: binding.receiveKey,
    };
    const copiedClass = tables.copiedClassOf(path);
    const outer = encapsulate(packet, readIpHeader(packet) as IpHeader, path, { keys, copiedClass });
    const fragments = fragmentTunnelPacket(outer, tables.transportMtuOf(binding.path), randomInt(IDENTIFICATIONS));
    if (!fragments.every((fragment) => tunnels.send(fragment, tables.markTowards(path.remote))))
      return ['encapsulation-failed'];
    maps.count(binding, direction === 'up' ? 'access' : 'anchor', direction, packet.length);
    return [];
  }
}
