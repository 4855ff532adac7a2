import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { careOfAddress } from '#proto/care-of-address.ts';
import type { Interop, PeerAddress, SendOutput } from '#proto/peer.ts';
import type { WireError } from '#wire/error.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import {
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';
import type { SignallingConfig } from './assemble-signalling.ts';

export interface SignallingEvents {
  /** `octets` are only valid during the call. */
  message(from: PeerAddress, message: MobilityMessage, octets: Uint8Array): void;
  malformed(from: PeerAddress, error: WireError): void;
  sendFailed(remote: IpAddress, code: string): void;
}

/** The signalling sockets of this node's addresses: raw Mobility Headers over IPv6, and UDP port 5436 over IPv4. */
export class Signalling {
  /** Messages that a machine wants to send over a transport or from an address that there is no socket for. */
  unsendable = 0;
  readonly #loop: PollLoop;
  readonly #events: SignallingEvents;
  #interop: ReadonlyMap<string, Interop>;
  readonly #ipv6 = new Map<string, MobilitySocket>();
  readonly #ipv4 = new Map<string, UdpSignallingSocket>();

  /** Throws `SystemCallError` when an address cannot be used. */
  constructor({ addresses, peers }: SignallingConfig, loop: PollLoop, events: SignallingEvents) {
    this.#loop = loop;
    this.#events = events;
    this.#interop = interopOf(peers);
    this.add(addresses);
  }

  /** Opens sockets for the addresses that have none. Throws `SystemCallError`, and then none was opened. */
  add(addresses: readonly IpAddress[]): void {
    const fresh = addresses.filter(({ key }) => !this.#ipv6.has(key) && !this.#ipv4.has(key));
    try {
      for (const address of fresh) this.#open(address);
    } catch (error) {
      this.#closeWhere((local) => fresh.some((address) => sameAddress(address, local)));
      throw error;
    }
  }

  /** Closes the sockets of all other addresses, and reads these peers' messages as they speak. */
  configure({ addresses, peers }: SignallingConfig): void {
    this.#closeWhere((local) => !addresses.some((address) => sameAddress(address, local)));
    this.#interop = interopOf(peers);
  }

  /** Encodes the message and puts it into the batch of its socket. */
  queue(output: SendOutput): void {
    const { transport, local, remote, port } = output.to;
    const [six, four] = transport === 'ipv6' ? [this.#ipv6.get(local.key)] : [undefined, this.#ipv4.get(local.key)];
    if (six && remote instanceof Ipv6Address) six.queue(remote, encoded(output));
    else if (four && remote instanceof Ipv4Address) four.queue(remote, this.#overIpv4(output, remote), port);
    else this.unsendable++;
  }

  flush(): void {
    for (const socket of this.#sockets()) socket.flush();
  }

  /** For the operator: each socket with its counters. */
  snapshot(): Record<string, unknown>[] {
    const named = (name: string) => (socket: MobilitySocket | UdpSignallingSocket) => ({
      socket: `${name} ${socket.local}`,
      ...socket.counters,
    });
    return [...[...this.#ipv6.values()].map(named('mobility-header')), ...[...this.#ipv4.values()].map(named('udp'))];
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

  #open(local: IpAddress): void {
    if (local instanceof Ipv6Address) {
      const socket = new MobilitySocket(local, (remote, code) => this.#events.sendFailed(remote, code));
      this.#ipv6.set(local.key, socket);
      this.#loop.watch(socket.fd, () => {
        socket.receive((remote, bytes) => this.#heard({ transport: 'ipv6', local, remote }, bytes));
      });
    } else {
      const socket = new UdpSignallingSocket(local, (remote, code) => this.#events.sendFailed(remote, code));
      this.#ipv4.set(local.key, socket);
      this.#loop.watch(socket.fd, () => {
        socket.receive((remote, bytes, port) => this.#heard({ transport: 'ipv4-udp', local, remote, port }, bytes));
      });
    }
  }

  /** RFC 5844 §4.1.3.1 "Processing Proxy Binding Updates": "Note that the Checksum field in Mobility Header MUST be ignored." Over IPv6 the kernel verified it. */
  #heard(from: PeerAddress, bytes: Uint8Array): void {
    const interop = this.#interop.get(from.remote.key) ?? 'strict';
    const decoded = decodeMobilityHeader(bytes, { readTrailing: interop === 'tolerant' });
    if (decoded.ok) this.#events.message(from, decoded.value, bytes);
    else this.#events.malformed(from, decoded.error);
  }

  /**
   * RFC 5844 §4.1.3.2 "Constructing the Proxy Binding Acknowledgement Message": "The Mobility Header Checksum field MUST be set to zero".
   * Differs: an acknowledgement for a gateway of Cisco's has the checksum of its pseudo-header, as those of its anchors have; with
   * IPv4-mapped addresses that is the same number as with IPv4 addresses.
   */
  #overIpv4(output: SendOutput, remote: Ipv4Address): Uint8Array {
    const bytes = encoded(output);
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

function mapped(address: IpAddress): Ipv6Address {
  return address instanceof Ipv4Address ? Ipv6Address.mapped(address) : address;
}

function encoded({ message, authentication, to, careOfAddress: alternate }: SendOutput): Uint8Array {
  const isRegistration = message.kind === 'binding-update' || message.kind === 'binding-acknowledgement';
  if (!authentication || !isRegistration) return encodeMobilityHeader(message);
  return encodeAuthenticated(message, authentication, alternate ?? careOfAddress(message, to, 'sent'));
}
