import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { type DatagramResult, type Family, udpDatagramOctets, udpDatagramsPerTick } from './protocol.ts';

/** One end of a UDP stream: numbered datagrams both ways. The end without a peer learns it from the first datagram. */
export class UdpStream {
  readonly #socket: Socket;
  readonly #family: Family;
  readonly #datagram = Buffer.alloc(udpDatagramOctets);
  #peer: { address: string; port: number } | undefined;
  #sent = 0;
  #received = 0;
  #outOfOrder = 0;
  #highest = -1;

  private constructor(family: Family, socket: Socket, peer: { address: string; port: number } | undefined) {
    this.#family = family;
    this.#socket = socket;
    this.#peer = peer;
    socket.on('message', (message, from) => this.#receive(message, from));
    socket.on('error', () => {}); // an ICMP error; loss is counted by numbers
  }

  static async open(family: Family, port: number, peer?: { address: string; port: number }): Promise<UdpStream> {
    const socket = createSocket({ type: family === 'ipv4' ? 'udp4' : 'udp6', ipv6Only: family === 'ipv6' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, resolve);
    });
    return new UdpStream(family, socket, peer);
  }

  tick(): void {
    if (this.#peer === undefined) return;
    for (let i = 0; i < udpDatagramsPerTick; i++) {
      this.#datagram.writeUInt32BE(this.#sent++, 0);
      this.#socket.send(this.#datagram, this.#peer.port, this.#peer.address, () => {});
    }
  }

  result(): DatagramResult {
    return { family: this.#family, sent: this.#sent, received: this.#received, outOfOrder: this.#outOfOrder };
  }

  close(): void {
    this.#socket.close();
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    this.#peer ??= { address: from.address, port: from.port };
    const number = message.readUInt32BE(0);
    this.#received++;
    if (number < this.#highest) this.#outOfOrder++;
    else this.#highest = number;
  }
}
