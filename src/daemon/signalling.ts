import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import { InterfaceSet } from '#host/interface-set.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import type { SignallingHandler, SignallingSocket } from '#host/signalling-socket.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import type { Interop, PeerAddress, SendOutput } from '#proto/peer.ts';
import { sentOctets } from '#proto/sent-octets.ts';
import type { WireError } from '#wire/error.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import { decodeMobilityHeader, setMobilityChecksum } from '#wire/mobility/index.ts';
import { isTunnelPayload } from '#wire/tlv-header.ts';
import type { SignallingAddress, SignallingConfig } from './assemble-signalling.ts';
import type { Loss } from './fair-queue.ts';
import { Reception } from './reception.ts';

export interface SignallingEvents {
  /** When what is being received came. */
  now(): Instant;
  /** Whether a Mobility Header is handled before it is decoded: then neither `message` nor `malformed` follows. `octets` are only valid during the call. */
  renewed(from: PeerAddress, octets: Uint8Array): boolean;
  /** `octets` are only valid during the call. */
  message(from: PeerAddress, message: MobilityMessage, octets: Uint8Array, waited: Duration): void;
  malformed(from: PeerAddress, error: WireError): void;
  /** Each Mobility Header that came, before `message` or `malformed`, and each that goes, with its message. `octets` are only valid during the call. */
  passed(direction: 'received' | 'sent', peer: PeerAddress, octets: Uint8Array, message?: MobilityMessage): void;
  sendFailed(remote: IpAddress, code: string): void;
  /** Messages were dropped, as there were more than could be served. */
  flooded(losses: Loss): void;
}

/** Batches that are taken from one socket in one round. */
const BATCHES = 64;

/** The signalling sockets of this node's addresses: raw Mobility Headers over IPv6, and UDP port 5436 over IPv4. */
export class Signalling {
  /** Messages that a machine wants to send over a transport or from an address that there is no socket for. */
  unsendable = 0;
  /** Messages that came from an access link or through a tunnel. */
  fromMobileNodes = 0;
  readonly #loop: PollLoop;
  readonly #events: SignallingEvents;
  #interop: ReadonlyMap<string, Interop>;
  /** By peer, where it is not reached by the node's own routing table. */
  #marks: ReadonlyMap<string, number>;
  #closed: InterfaceSet;
  readonly #reception = new Reception();
  readonly #ipv6 = new Map<string, MobilitySocket>();
  readonly #ipv4 = new Map<string, UdpSignallingSocket>();

  /** Throws `SystemCallError` when an address cannot be used. */
  constructor({ addresses, peers, learning, closed }: SignallingConfig, loop: PollLoop, events: SignallingEvents) {
    this.#loop = loop;
    this.#events = events;
    this.#interop = interopOf(peers);
    this.#marks = marksOf(peers);
    this.#closed = new InterfaceSet(closed);
    this.#reception.configure(peers, learning);
    this.add(addresses);
  }

  /** Opens sockets for the addresses that have none. Throws `SystemCallError`, and then none was opened. */
  add(addresses: readonly SignallingAddress[]): void {
    const fresh = addresses.filter(({ address: { key } }) => !this.#ipv6.has(key) && !this.#ipv4.has(key));
    try {
      for (const one of fresh) this.#open(one);
    } catch (error) {
      this.#closeWhere((local) => fresh.some(({ address }) => sameAddress(address, local)));
      throw error;
    }
  }

  /** Closes the sockets of all other addresses, and reads these peers' messages as they speak. */
  configure({ addresses, peers, learning, closed }: SignallingConfig): void {
    this.#closeWhere((local) => !addresses.some(({ address }) => sameAddress(address, local)));
    for (const { address, dscp } of addresses) (this.#ipv6.get(address.key) ?? this.#ipv4.get(address.key))?.mark(dscp);
    this.#interop = interopOf(peers);
    this.#marks = marksOf(peers);
    this.#closed = new InterfaceSet(closed);
    this.#reception.configure(peers, learning);
  }

  /** Whether messages wait to be served. */
  get waiting(): boolean {
    return this.#reception.waiting > 0;
  }

  /** Whether the latest round had so many messages that the next one is worth its while at once. */
  get servedMany(): boolean {
    return this.#reception.servedMany;
  }

  /** Tells of messages that were received, some of each peer. */
  serve(now: Instant): void {
    this.#reception.serve(now, this.#heard);
    const losses = this.#reception.newLosses();
    if (losses) this.#events.flooded(losses);
  }

  /** Encodes the message and puts it into the batch of its socket. */
  queue(output: SendOutput): void {
    const { transport, local, remote, port } = output.to;
    const six = transport === 'ipv6' ? this.#ipv6.get(local.key) : undefined;
    const four = transport === 'ipv6' ? undefined : this.#ipv4.get(local.key);
    const mark = this.#marks.get(remote.key) ?? 0;
    if (six && remote instanceof Ipv6Address) six.queue(remote, this.#passing(output, sentOctets(output)), { mark });
    else if (four && remote instanceof Ipv4Address)
      four.queue(remote, this.#passing(output, this.#overIpv4(output, remote)), { port, mark });
    else this.unsendable++;
  }

  flush(): void {
    for (const socket of this.#ipv6.values()) socket.flush();
    for (const socket of this.#ipv4.values()) socket.flush();
  }

  /** For the operator: each socket with its counters, and what came of receptions. */
  snapshot(): Record<string, unknown> {
    const named = (name: string) => (socket: MobilitySocket | UdpSignallingSocket) => ({
      socket: `${name} ${socket.local}`,
      ...socket.counters,
    });
    return {
      signalling: [
        ...[...this.#ipv6.values()].map(named('mobility-header')),
        ...[...this.#ipv4.values()].map(named('udp')),
      ],
      reception: { ...this.#reception.snapshot(), fromMobileNodes: this.fromMobileNodes },
      unsendable: this.unsendable,
    };
  }

  close(): void {
    this.#closeWhere(() => true);
  }

  #closeWhere(which: (local: IpAddress) => boolean): void {
    for (const socket of this.#sockets()) {
      if (!which(socket.local)) continue;
      this.#loop.unwatch(socket.fd);
      socket.close();
      this.#ipv6.delete(socket.local.key);
      this.#ipv4.delete(socket.local.key);
    }
  }

  #sockets(): (MobilitySocket | UdpSignallingSocket)[] {
    return [...this.#ipv6.values(), ...this.#ipv4.values()];
  }

  #open({ address: local, dscp }: SignallingAddress): void {
    const failed = (remote: IpAddress, code: string) => this.#events.sendFailed(remote, code);
    if (local instanceof Ipv6Address) {
      const socket = new MobilitySocket(local, failed);
      this.#ipv6.set(local.key, socket);
      this.#watch(socket, dscp, (remote) => ({ transport: 'ipv6', local, remote }));
    } else {
      const socket = new UdpSignallingSocket(local, failed);
      this.#ipv4.set(local.key, socket);
      this.#watch(socket, dscp, (remote, port) => ({ transport: 'ipv4-udp', local, remote, port }));
    }
  }

  #watch<Address extends IpAddress>(
    socket: SignallingSocket<Address>,
    dscp: number | undefined,
    sender: (remote: Address, port: number) => PeerAddress,
  ): void {
    socket.mark(dscp);
    const handle: SignallingHandler<Address> = (remote, bytes, port, interfaceIndex, age) => {
      // The data plane hears it: peers may send both to one port, and the kernel hands over what came in fragments.
      if (isTunnelPayload(bytes)) return;
      if (this.#closed.has(interfaceIndex)) this.fromMobileNodes++;
      else this.#reception.take(sender(remote, port), bytes, this.#events.now(), age);
    };
    this.#loop.watch(socket.fd, () => {
      // More than one batch, so that what a flood leaves in the kernel does not keep others out.
      for (let i = 0; i < BATCHES && socket.receive(handle); i++);
    });
  }

  /**
   * RFC 5844 §4.1.3.1 "Processing Proxy Binding Updates" and §4.2.2(4) "Signaling Considerations": "Note that the Checksum field in Mobility Header MUST be ignored." Over IPv6 the
   * kernel verified it. §4.2.2(3): "IPsec processing happens before the packet is passed to Proxy Mobile IPv6", in the kernel.
   */
  readonly #heard = (from: PeerAddress, bytes: Uint8Array, waited: Duration): void => {
    this.#events.passed('received', from, bytes);
    if (this.#events.renewed(from, bytes)) return;
    const interop = this.#interop.get(from.remote.key) ?? 'strict';
    const decoded = decodeMobilityHeader(bytes, { readTrailing: interop === 'tolerant' });
    if (decoded.ok) this.#events.message(from, decoded.value, bytes, waited);
    else this.#events.malformed(from, decoded.error);
  };

  #passing({ to, message }: SendOutput, octets: Uint8Array): Uint8Array {
    this.#events.passed('sent', to, octets, message);
    return octets;
  }

  /**
   * RFC 5844 §4.1.3.2 "Constructing the Proxy Binding Acknowledgement Message", §4.1.3.2(1), and §4.2.2.1(1) "Constructing the Proxy Binding Update Message": "The Mobility Header Checksum field MUST be set to zero".
   * Differs: an acknowledgement for a gateway of Cisco's has the checksum of its pseudo-header, as those of its anchors have; with
   * IPv4-mapped addresses that is the same number as with IPv4 addresses.
   */
  #overIpv4(output: SendOutput, remote: Ipv4Address): Uint8Array {
    const bytes = sentOctets(output);
    const { message, to } = output;
    if (message.kind === 'binding-acknowledgement' && this.#interop.get(remote.key) === 'cisco') {
      setMobilityChecksum(mapped(to.local), Ipv6Address.mapped(remote), bytes);
    }
    return bytes;
  }
}

function interopOf(peers: SignallingConfig['peers']): Map<string, Interop> {
  return new Map(peers.map(({ address, interop }) => [address.key, interop]));
}

function marksOf(peers: SignallingConfig['peers']): Map<string, number> {
  return new Map(peers.flatMap(({ address, mark }) => (mark === undefined ? [] : [[address.key, mark]])));
}

function mapped(address: IpAddress): Ipv6Address {
  return address instanceof Ipv4Address ? Ipv6Address.mapped(address) : address;
}
