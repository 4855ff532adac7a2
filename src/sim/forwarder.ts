import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { AccessForwarding, AnchorForwarding, Forwarding, ForwardingChange } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import type { Ipv6Packet } from '#wire/ipv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';

export const IPV4_IN_IPV6 = 4;
export const IPV6_IN_IPV6 = 41;

const HOME_PREFIX_LENGTH = 64;

/** Where packets go that this node forwards. */
export interface ForwarderPorts {
  /** An outer packet, to the peer of a tunnel. */
  toTunnel(source: Ipv6Address, destination: Ipv6Address, packet: Uint8Array): void;
  /** At the anchor, out of a tunnel. */
  toInternet(packet: Uint8Array): void;
  /** At the gateway, out of a tunnel. */
  toAccess(interfaceName: string, mac: MacAddress, packet: Uint8Array): void;
}

/** Forwards single packets as a data plane does: by the address of the mobile node, through the first path of its binding. */
export class Forwarder {
  readonly drops: Partial<Record<DropReason, number>> = {};
  readonly #ports: ForwarderPorts;
  readonly #anchors = new Map<string, AnchorForwarding>();
  readonly #accesses = new Map<string, AccessForwarding>();

  constructor(ports: ForwarderPorts) {
    this.#ports = ports;
  }

  get held(): readonly Forwarding[] {
    return [...this.#anchors.values(), ...this.#accesses.values()];
  }

  apply(change: ForwardingChange): void {
    const kind = change.kind === 'set' ? change.forwarding.kind : change.forwardingKind;
    const held: Map<string, Forwarding> = kind === 'anchor' ? this.#anchors : this.#accesses;
    if (change.kind === 'set') held.set(change.forwarding.id, change.forwarding);
    else held.delete(change.id);
  }

  /** At the anchor: a packet for a mobile node. */
  fromInternet(packet: Uint8Array): void {
    const destination = addressesOf(packet)?.destination;
    const binding = destination && findByAddress(this.#anchors.values(), destination);
    if (binding) this.#encapsulate(binding, packet);
    else this.#drop('no-binding');
  }

  /** At the gateway: a packet of a mobile node. */
  fromAccess(interfaceName: string, mac: MacAddress, packet: Uint8Array): void {
    const source = addressesOf(packet)?.source;
    const binding = source && findByAddress(this.#accesses.values(), source);
    if (!binding) this.#drop('no-binding');
    else if (binding.interface !== interfaceName || !binding.mac.equals(mac)) this.#drop('spoofed-source');
    else this.#encapsulate(binding, packet);
  }

  fromTunnel({ source, destination, payload }: Ipv6Packet): void {
    const inner = addressesOf(payload);
    if (!inner) {
      this.#drop('malformed');
      return;
    }
    const access = findByAddress(this.#accesses.values(), inner.destination);
    const anchor = findByAddress(this.#anchors.values(), inner.source);
    const binding = access ?? anchor;
    if (!binding) this.#drop('tunnel-no-binding');
    else if (!isPath(binding, source, destination)) this.#drop('tunnel-wrong-peer');
    else if (binding.kind === 'access') this.#ports.toAccess(binding.interface, binding.mac, payload);
    else this.#ports.toInternet(payload);
  }

  #encapsulate(binding: Forwarding, packet: Uint8Array): void {
    const [{ local, remote }] = binding.paths;
    const nextHeader = versionOf(packet) === 4 ? IPV4_IN_IPV6 : IPV6_IN_IPV6;
    const outer = encodeIpv6({ source: local, destination: remote, nextHeader, hopLimit: 64, payload: packet });
    this.#ports.toTunnel(local, remote, outer);
  }

  #drop(reason: DropReason): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }
}

function isPath({ paths }: Forwarding, source: Ipv6Address, destination: Ipv6Address): boolean {
  return paths.some(({ local, remote }) => remote.equals(source) && local.equals(destination));
}

function findByAddress<F extends Forwarding>(held: Iterable<F>, address: Ipv4Address | Ipv6Address): F | undefined {
  for (const forwarding of held) {
    const has =
      address instanceof Ipv4Address
        ? address.equals(forwarding.homeAddress)
        : forwarding.prefixes.some((prefix) => prefix.equals(new Ipv6Prefix(address, HOME_PREFIX_LENGTH).network));
    if (has) return forwarding;
  }
  return undefined;
}

function addressesOf(packet: Uint8Array) {
  const version = versionOf(packet);
  if (version === 4 && packet.length >= 20) {
    return { source: Ipv4Address.read(packet, 12), destination: Ipv4Address.read(packet, 16) };
  }
  if (version === 6 && packet.length >= 40) {
    return { source: Ipv6Address.read(packet, 8), destination: Ipv6Address.read(packet, 24) };
  }
  return undefined;
}

function versionOf(packet: Uint8Array): number {
  return (packet[0] ?? 0) >>> 4;
}
