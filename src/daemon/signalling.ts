import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { careOfAddress } from '#proto/care-of-address.ts';
import type { PeerAddress, SendOutput } from '#proto/peer.ts';
import type { WireError } from '#wire/error.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import { decodeMobilityHeader, encodeAuthenticated, encodeMobilityHeader } from '#wire/mobility/index.ts';

export interface SignallingEvents {
  /** `octets` are only valid during the call. */
  message(from: PeerAddress, message: MobilityMessage, octets: Uint8Array): void;
  malformed(from: PeerAddress, error: WireError): void;
  sendFailed(remote: Ipv6Address, code: string): void;
}

export interface UdpCounters {
  /** Datagrams that are no Mobility Header. */
  malformed: number;
  /** Mobility Headers over UDP, which is not carried yet. */
  unsupported: number;
}

/**
 * The signalling sockets of this node's addresses: raw Mobility Headers over IPv6, and UDP port 5436.
 * Chooses: Mobility Headers over UDP are decoded, counted and dropped until the IPv4 transport of RFC 5844 is there; the port is bound
 * nevertheless, so that what is sent to it is seen in the counters.
 */
export class Signalling {
  readonly udp: UdpCounters = { malformed: 0, unsupported: 0 };
  /** Messages that a machine wants to send over a transport or from an address that there is no socket for. */
  unsendable = 0;
  readonly #loop: PollLoop;
  readonly #events: SignallingEvents;
  readonly #sockets = new Map<string, MobilitySocket>();
  readonly #udpSockets: UdpSignallingSocket[] = [];

  /** Throws `SystemCallError` when an address cannot be used. */
  constructor(addresses: readonly (Ipv4Address | Ipv6Address)[], loop: PollLoop, events: SignallingEvents) {
    this.#loop = loop;
    this.#events = events;
    try {
      for (const address of addresses) this.#open(address);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Encodes the message and puts it into the batch of its socket. */
  queue(output: SendOutput): void {
    const { transport, local, remote } = output.to;
    const socket = transport === 'ipv6' && local instanceof Ipv6Address ? this.#sockets.get(local.key) : undefined;
    if (socket && remote instanceof Ipv6Address) socket.queue(remote, encoded(output));
    else this.unsendable++;
  }

  flush(): void {
    for (const socket of this.#sockets.values()) socket.flush();
  }

  /** For the operator: each socket with its counters. */
  snapshot(): Record<string, unknown>[] {
    const raw = [...this.#sockets.values()].map(({ local, counters }) => ({
      socket: `mobility-header ${local}`,
      ...counters,
    }));
    const udp = this.#udpSockets.map(({ local, counters }) => ({ socket: `udp ${local}`, ...counters }));
    return [...raw, ...udp];
  }

  close(): void {
    for (const socket of [...this.#sockets.values(), ...this.#udpSockets]) {
      this.#loop.unwatch(socket.fd);
      socket.close();
    }
    this.#sockets.clear();
    this.#udpSockets.length = 0;
  }

  #open(address: Ipv4Address | Ipv6Address): void {
    if (address instanceof Ipv6Address) this.#openRaw(address);
    const socket = new UdpSignallingSocket(address);
    this.#udpSockets.push(socket);
    this.#loop.watch(socket.fd, () => {
      socket.receive((_remote, _port, bytes) => {
        if (decodeMobilityHeader(bytes).ok) this.udp.unsupported++;
        else this.udp.malformed++;
      });
    });
  }

  #openRaw(local: Ipv6Address): void {
    const socket = new MobilitySocket(local, (remote, code) => this.#events.sendFailed(remote, code));
    this.#sockets.set(local.key, socket);
    this.#loop.watch(socket.fd, () => {
      socket.receive((remote, bytes) => {
        const from: PeerAddress = { transport: 'ipv6', local, remote };
        const decoded = decodeMobilityHeader(bytes);
        if (decoded.ok) this.#events.message(from, decoded.value, bytes);
        else this.#events.malformed(from, decoded.error);
      });
    });
  }
}

function encoded({ message, authentication, to, careOfAddress: alternate }: SendOutput): Uint8Array {
  const isRegistration = message.kind === 'binding-update' || message.kind === 'binding-acknowledgement';
  if (!authentication || !isRegistration) return encodeMobilityHeader(message);
  return encodeAuthenticated(message, authentication, alternate ?? careOfAddress(message, to, 'sent'));
}
