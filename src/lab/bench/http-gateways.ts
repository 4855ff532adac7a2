import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import {
  AccessTechnologyType,
  type BindingUpdate,
  BindingUpdateFlag,
  decodeMobilityHeader,
  encodeMobilityHeader,
  HandoffIndicator,
} from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';
import { LabError } from '../lab-error.ts';

export const ANCHOR = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
export const GATEWAYS = ['2001:db8:cafe:1025::15', '2001:db8:cafe:1026::15'].map(
  (text) => Ipv6Address.parse(text) as Ipv6Address,
) as [Ipv6Address, Ipv6Address];

/** Messages under way at once. */
const IN_FLIGHT = 64;
const PATIENCE_MS = 5000;

/** Two MAGs with many mobile nodes, which refresh as fast as the LMA answers, and move between them so many times a second. */
export class Gateways {
  readonly #sockets: readonly [MobilitySocket, MobilitySocket];
  /** Of each mobile node, where it is, and the number of its last message. */
  readonly #places: Uint8Array;
  readonly #sequences: Uint16Array;
  readonly #nodes: number;
  #next = 0;
  #underWay = 0;
  #answers = 0;

  constructor(nodes: number) {
    this.#nodes = nodes;
    this.#places = new Uint8Array(nodes);
    this.#sequences = new Uint16Array(nodes);
    const open = (local: Ipv6Address) => new MobilitySocket(local, () => {});
    this.#sockets = [open(GATEWAYS[0]), open(GATEWAYS[1])];
  }

  /** Registers every mobile node. Rejects with `LabError` when the LMA does not answer. */
  async registerAll(): Promise<void> {
    for (let node = 0; node < this.#nodes; ) {
      for (; node < this.#nodes && this.#underWay < IN_FLIGHT; node++) this.#send(node, HandoffIndicator.NEW_INTERFACE);
      await this.#exchange();
    }
    while (this.#underWay > 0) await this.#exchange();
  }

  /** Returns how many messages a second were answered. */
  async load(durationMs: number, movesPerSecond: number): Promise<number> {
    const started = performance.now();
    const before = this.#answers;
    let moves = 0;
    for (let now = started; now - started < durationMs; now = performance.now()) {
      const due = Math.floor(((now - started) / 1000) * movesPerSecond);
      while (this.#underWay < IN_FLIGHT) {
        const node = this.#next++ % this.#nodes;
        const roams = moves < due;
        if (roams) {
          moves++;
          this.#places[node] = 1 - (this.#places[node] as number);
        }
        this.#send(node, roams ? HandoffIndicator.BETWEEN_MAGS : HandoffIndicator.NOT_CHANGED);
      }
      await this.#exchange();
    }
    while (this.#underWay > 0) await this.#exchange();
    return ((this.#answers - before) * 1000) / (performance.now() - started);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #send(node: number, indicator: number): void {
    const sequence = ((this.#sequences[node] as number) + 1) & 0xffff;
    this.#sequences[node] = sequence;
    const socket = this.#sockets[this.#places[node] as 0 | 1];
    socket.queue(ANCHOR, encodeMobilityHeader(update(node, sequence, indicator)));
    this.#underWay++;
  }

  async #exchange(): Promise<void> {
    for (const socket of this.#sockets) socket.flush();
    const before = this.#underWay;
    for (const end = Date.now() + PATIENCE_MS; this.#underWay === before; ) {
      for (const socket of this.#sockets) while (socket.receive((_, octets) => this.#heard(socket, octets)));
      if (this.#underWay < before) return;
      if (Date.now() > end) throw new LabError('no-answer', `${this.#underWay} messages have no answer`);
      await new Promise(setImmediate);
    }
  }

  #heard(socket: MobilitySocket, octets: Uint8Array): void {
    const decoded = decodeMobilityHeader(octets);
    if (!decoded.ok) return;
    const message = decoded.value;
    if (message.kind === 'binding-acknowledgement') {
      this.#underWay--;
      this.#answers++;
    } else if (message.kind === 'binding-revocation-indication') {
      const { sequence, flags, options } = message;
      const answer = { kind: 'binding-revocation-acknowledgement', sequence, flags, status: 0, options } as const;
      socket.queue(ANCHOR, encodeMobilityHeader(answer));
    }
  }
}

function update(node: number, sequence: number, indicator: number): BindingUpdate {
  const number = `${node}`.padStart(6, '0');
  return {
    kind: 'binding-update',
    sequence,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
    lifetime: seconds(36_000),
    options: [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: encodeText(`mn${number}@example.net`) },
      { kind: 'home-network-prefix', prefix: Ipv6Prefix.allZero, offLink: false },
      { kind: 'handoff-indicator', indicator },
      { kind: 'access-technology-type', accessTechnology: AccessTechnologyType.IEEE_802_11 },
      { kind: 'mobile-node-link-layer-identifier', identifier: encodeText(number) },
    ],
  };
}
