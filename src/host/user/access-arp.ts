import type { MacAddress } from '#base/mac-address.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { ProxySocket } from './proxy-socket.ts';

/** Packets of one call, so that signalling waits no longer than a millisecond for them. */
const BATCH = 32;

type Answer = (source: MacAddress, packet: Uint8Array) => Uint8Array | undefined;

/** The ARP of mobile nodes on an access link; the kernel has it too, and answers for its own addresses. */
export class AccessArp {
  readonly #socket: ProxySocket;
  readonly #mac: MacAddress;
  readonly #answerTo: Answer;

  /** `mac` is the link-layer address of the gateway; `answerTo` gives the ARP packet that a packet is answered with, if it is. Throws `SystemCallError`. */
  constructor(interfaceIndex: number, mac: MacAddress, answerTo: Answer) {
    this.#mac = mac;
    this.#answerTo = answerTo;
    this.#socket = new ProxySocket(interfaceIndex, 'arp');
  }

  get fd(): number {
    return this.#socket.fd;
  }

  /** Takes some of what waits; gives how much was answered. */
  answer(): number {
    let answered = 0;
    for (let i = 0; i < BATCH; i++) {
      const bytes = this.#socket.receive();
      if (!bytes) break;
      const frame = decodeEthernet(bytes);
      if (!frame.ok) continue;
      const { source: asker, payload: packet } = frame.value;
      const payload = this.#answerTo(asker, packet);
      const fields = { destination: asker, source: this.#mac, tags: [], etherType: EtherType.ARP };
      if (payload && this.#socket.send(encodeEthernet({ ...fields, payload }))) answered++;
    }
    return answered;
  }

  close(): void {
    this.#socket.close();
  }
}
