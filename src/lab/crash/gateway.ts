import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import type { BindingAcknowledgement } from '#wire/mobility/index.ts';
import {
  AccessTechnologyType,
  type BindingUpdate,
  BindingUpdateFlag,
  decodeMobilityHeader,
  encodeMobilityHeader,
  findOption,
  HandoffIndicator,
} from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';

export const ANCHOR = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
export const GATEWAY = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;

export const configurationText = `
ip local pool V4 10.0.0.1 10.0.255.253
ipv6 local pool V6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D
  no replay-protection timestamp
  mag M
    ipv6-address ${GATEWAY}
  nai anyone
    service dual
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${ANCHOR}
  default profile anyone
  network N
    pool ipv4 V4 pfxlen 16
    pool ipv6 V6 pfxlen 48
`;

/** Messages that are sent at once, and the most mobile nodes. */
const AT_ONCE = 16;
const NODES = 3000;

interface Node {
  readonly number: number;
  sequence: number;
  /** `uncertain`: a message had no answer. */
  state: 'new' | 'registered' | 'gone' | 'uncertain';
  addresses: string;
  waitsFor: 'registration' | 'de-registration' | undefined;
}

/** A MAG of many mobile nodes that registers, refreshes and de-registers them at random, and remembers what the LMA accepted. */
export class Gateway {
  accepted = 0;
  givenTwice = 0;
  readonly #socket = new MobilitySocket(GATEWAY, () => {});
  readonly #nodes: Node[] = [];
  readonly #owners = new Map<string, Node>();

  send(): void {
    for (let i = 0; i < AT_ONCE; i++) {
      const node = this.#pick();
      if (node.waitsFor) continue;
      const leaves = node.state === 'registered' && Math.random() < 0.3;
      node.waitsFor = leaves ? 'de-registration' : 'registration';
      node.sequence = (node.sequence + 1) & 0xffff;
      this.#socket.queue(ANCHOR, encodeMobilityHeader(update(node, leaves)));
    }
    this.#socket.flush();
  }

  receive(): void {
    this.#socket.receive((_, octets) => {
      const decoded = decodeMobilityHeader(octets);
      if (decoded.ok && decoded.value.kind === 'binding-acknowledgement') this.#answered(decoded.value);
    });
  }

  /** What had no answer may have happened or not. */
  giveUp(): void {
    for (const node of this.#nodes) {
      if (node.waitsFor === 'de-registration' || (node.waitsFor && node.state !== 'registered'))
        node.state = 'uncertain';
      // The LMA may have seen numbers that it had no time to answer.
      if (node.waitsFor) node.sequence = (node.sequence + 8) & 0xffff;
      node.waitsFor = undefined;
    }
  }

  /** Accepted bindings that are not among those of the LMA, or not with the same addresses. */
  missingFrom(
    rows: readonly { readonly nai: string; readonly hoa: string | null; readonly hnps: readonly string[] }[],
  ): string[] {
    const held = new Map(rows.map(({ nai, hoa, hnps }) => [nai, `${hoa} ${hnps.join(' ')}`]));
    if (new Set(held.values()).size !== held.size) this.givenTwice++;
    return this.#nodes
      .filter((node) => node.state === 'registered' && held.get(nameOf(node)) !== node.addresses)
      .map((node) => `${nameOf(node)} ${node.addresses}, which has ${held.get(nameOf(node))}`);
  }

  close(): void {
    this.#socket.close();
  }

  #pick(): Node {
    if (this.#nodes.length < NODES) {
      const node: Node = { number: this.#nodes.length, sequence: 0, state: 'new', addresses: '', waitsFor: undefined };
      if (Math.random() < 0.5) {
        this.#nodes.push(node);
        return node;
      }
    }
    return this.#nodes[Math.floor(Math.random() * this.#nodes.length)] ?? this.#pick();
  }

  #answered(answer: BindingAcknowledgement): void {
    const identifier = findOption(answer.options, 'mobile-node-identifier')?.identifier;
    const node = this.#nodes[Number.parseInt(new TextDecoder().decode(identifier).slice(2), 10)];
    if (!node?.waitsFor || answer.sequence !== node.sequence) return;
    const asked = node.waitsFor;
    node.waitsFor = undefined;
    if (answer.status !== 0) return;
    this.accepted++;
    if (asked === 'de-registration') {
      node.state = 'gone';
      return;
    }
    const home = findOption(answer.options, 'ipv4-home-address-reply')?.address;
    const prefix = findOption(answer.options, 'home-network-prefix')?.prefix;
    node.state = 'registered';
    node.addresses = `${home} ${prefix}`;
    const owner = this.#owners.get(node.addresses);
    if (owner && owner !== node && owner.state === 'registered') this.givenTwice++;
    this.#owners.set(node.addresses, node);
  }
}

function nameOf({ number }: Node): string {
  return `mn${number}@example.net`;
}

function update(node: Node, leaves: boolean): BindingUpdate {
  const indicator = node.state === 'registered' ? HandoffIndicator.NOT_CHANGED : HandoffIndicator.NEW_INTERFACE;
  return {
    kind: 'binding-update',
    sequence: node.sequence,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
    lifetime: seconds(leaves ? 0 : 3600),
    options: [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: encodeText(nameOf(node)) },
      { kind: 'home-network-prefix', prefix: Ipv6Prefix.allZero, offLink: false },
      { kind: 'handoff-indicator', indicator },
      { kind: 'access-technology-type', accessTechnology: AccessTechnologyType.IEEE_802_11 },
      { kind: 'mobile-node-link-layer-identifier', identifier: encodeText(`n${node.number}`) },
      { kind: 'ipv4-home-address-request', prefixLength: 24, address: Ipv4Address.unspecified },
    ],
  };
}
