/** An LMA and two MAGs with their access links in virtual time; what they say to each other goes through the codecs. */
import { readU16 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { nextFraction, SeededRandom } from '#base/random.ts';
import { instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { AccessMachine, type AccessOutput, isReport } from '#proto/access/index.ts';
import { type LmaBindingSelection, type LmaConfig, LmaMachine, type LmaOutput } from '#proto/lma/index.ts';
import { type MagConfig, MagMachine, type MagOutput } from '#proto/mag/index.ts';
import type { PeerAddress, SendOutput } from '#proto/peer.ts';
import { sentOctets } from '#proto/sent-octets.ts';
import { ArpOperation } from '#wire/arp.ts';
import { EtherType } from '#wire/ethernet.ts';
import { decodeMobilityHeader, type MobilityMessage } from '#wire/mobility/index.ts';
import { arpFrame, layer2Update } from '../access/link.ts';
import { ACC0, LMA_ADDRESS, MN, magConfig, p6, v4, v6 } from './dialogue.ts';

export const MAG1 = v6('2001:db8:cafe:1025::15');
export const MAG2 = v6('2001:db8:cafe:1026::15');

const lmaConfig: LmaConfig = {
  name: 'lma1',
  domain: 'D1',
  addresses: { ipv6: LMA_ADDRESS },
  timestampWindow: seconds(7),
  timestampCheck: true,
  bindingMaximum: 1000,
  maximumLifetime: seconds(3600),
  deleteWait: milliseconds(10_000),
  createWait: milliseconds(1500),
  bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 },
  peers: [
    { name: 'mag1', ipv6: MAG1 },
    { name: 'mag2', ipv6: MAG2 },
  ],
  dynamicMagLearning: false,
  profiles: [],
  defaultProfile: { nai: 'default', service: 'dual' },
  pools: {
    ipv4: [{ low: v4('192.0.2.1'), high: v4('192.0.2.253'), prefixLength: 24, gateway: v4('192.0.2.254') }],
    ipv6: [{ prefix: p6('2001:db8:f00d::/48'), assignedLength: 64 }],
  },
};

/** A Mobility Header and its addresses. */
export interface Header {
  readonly from: Ipv6Address;
  readonly to: Ipv6Address;
  readonly octets: Uint8Array;
}

interface Packet extends Header {
  readonly at: number;
  readonly order: number;
}

export type Fate = (message: MobilityMessage, from: Ipv6Address, to: Ipv6Address) => number | 'lost';

export class MagNode {
  readonly address: Ipv6Address;
  readonly mag: MagMachine;
  readonly access: AccessMachine;
  /** Frames sent to mobile nodes, with the time. */
  readonly transmitted: { readonly at: number; readonly frame: Uint8Array }[] = [];
  readonly forwarding = new Map<string, string>();
  /** Everything that the MAG machine put out, in few words. */
  readonly log: string[] = [];

  constructor(address: Ipv6Address, seed: number, change: Partial<MagConfig> = {}) {
    const config = magConfig({ addresses: { ipv6: address }, ...change });
    this.address = address;
    this.mag = new MagMachine(config, new SeededRandom(seed));
    const { linkLayer, linkLocal } = config;
    const interfaces = [{ name: ACC0 }];
    const access = { interfaces, linkLayer, linkLocal, parameters: [], stationMaximum: 100 };
    this.access = new AccessMachine(access, new SeededRandom(seed + 1));
  }
}

export class Domain {
  lma: LmaMachine;
  readonly mag1: MagNode;
  readonly mag2: MagNode;
  /** Delay in milliseconds of a message on its way, or its loss. */
  fate: Fate = () => 1;
  /** The messages that arrived, as `binding-update mag1>lma`. */
  readonly arrivals: string[] = [];
  /** What was sent, lost or not. */
  readonly sent: Header[] = [];
  /** Where a mobile node was heard last: there it answers who asks for it. */
  readonly #whereabouts = new Map<string, MagNode>();
  readonly #answers: { readonly at: number; readonly node: MagNode; readonly mac: MacAddress }[] = [];
  readonly #packets: Packet[] = [];
  #order = 0;
  #now = 1000;

  readonly #lmaConfig: LmaConfig;

  constructor(change: { readonly lma?: Partial<LmaConfig>; readonly mag?: Partial<MagConfig> } = {}) {
    this.#lmaConfig = { ...lmaConfig, ...change.lma };
    this.lma = new LmaMachine(this.#lmaConfig);
    this.mag1 = new MagNode(MAG1, 1, change.mag);
    this.mag2 = new MagNode(MAG2, 2, change.mag);
  }

  get now(): number {
    return this.#now;
  }

  /** The mobile node's frame is heard at a MAG. */
  hear(node: MagNode, frame: Uint8Array = layer2Update()): void {
    this.#whereabouts.set(MacAddress.read(frame, 6).toString(), node);
    node.access.handle({ kind: 'frame', interface: ACC0, frame }, this.clock());
    this.#settle();
  }

  /** It is nowhere, and answers nobody. */
  leave(mac: MacAddress): void {
    this.#whereabouts.delete(mac.toString());
  }

  /** Its access point tells a MAG that it came. */
  associate(node: MagNode, mac = MN): void {
    this.#whereabouts.set(mac.toString(), node);
    const event = {
      kind: 'association',
      interface: ACC0,
      accessPoint: { source: 'hostapd', name: 'ap' },
      change: 'joined',
      mac,
    } as const;
    node.access.handle(event, this.clock());
    this.#settle();
  }

  /** A Mobility Header is on its way, whoever sent it. */
  inject(header: Header, delay = 1): void {
    this.#packets.push({ ...header, at: this.#now + delay, order: this.#order++ });
  }

  linkDown(node: MagNode): void {
    node.access.handle({ kind: 'link', interface: ACC0, up: false }, this.clock());
    this.#settle();
  }

  /** The LMA starts anew and knows nothing. */
  restartAnchor(): void {
    this.lma = new LmaMachine(this.#lmaConfig, 2);
  }

  /** The LMA's operator ends sessions, every one as a rule. */
  clearAnchor(selection: LmaBindingSelection = {}): void {
    this.lma.handle({ kind: 'clear-bindings', ...selection }, this.clock());
    this.#settle();
  }

  /** The operator of a MAG ends every session. */
  clear(node: MagNode): void {
    node.mag.handle({ kind: 'clear-bindings' }, this.clock());
    this.#settle();
  }

  advance(duration: number): void {
    const end = this.#now + duration;
    for (let steps = 0; ; steps++) {
      if (steps > 100_000) throw new Error('the domain never rests');
      const next = this.#next();
      if (next === undefined || next > end) break;
      this.#now = Math.max(this.#now, next);
      this.#deliver();
      this.#timeouts();
      this.#settle();
    }
    this.#now = end;
  }

  served(node: MagNode, mac: MacAddress = MN): string | undefined {
    const row = node.mag.snapshot().find((candidate) => candidate.llid === mac.toCiscoString());
    return row && `${row.state} ${row.hoa} ${row.hnps.join(',')}`;
  }

  /** The time there. */
  clock() {
    return { instant: instant(this.#now), utc: utcTime(Date.UTC(2026, 0, 1) + this.#now) };
  }

  #next(): number | undefined {
    const times = [
      this.lma.nextTimeout(),
      ...this.#nodes().flatMap((node) => [node.mag.nextTimeout(), node.access.nextTimeout()]),
      ...this.#packets.map((packet) => packet.at),
      ...this.#answers.map((answer) => answer.at),
    ].filter((time) => time !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  #deliver(): void {
    for (const answer of this.#answers.filter(({ at }) => at <= this.#now)) {
      this.#answers.splice(this.#answers.indexOf(answer), 1);
      const { node, mac } = answer;
      if (this.#whereabouts.get(mac.toString()) === node)
        this.hear(node, arpFrame({ operation: ArpOperation.REPLY }, mac));
    }
    const due = this.#packets.filter((packet) => packet.at <= this.#now);
    due.sort((a, b) => a.at - b.at || a.order - b.order);
    for (const packet of due) {
      this.#packets.splice(this.#packets.indexOf(packet), 1);
      const decoded = decodeMobilityHeader(packet.octets);
      if (!decoded.ok) throw new Error(decoded.error.rule);
      const from: PeerAddress = { transport: 'ipv6', local: packet.to, remote: packet.from };
      const event = { kind: 'message', from, message: decoded.value, octets: packet.octets } as const;
      this.arrivals.push(`${decoded.value.kind} ${this.#name(packet.from)}>${this.#name(packet.to)}`);
      const node = this.#nodes().find((candidate) => candidate.address.equals(packet.to));
      if (node) node.mag.handle(event, this.clock());
      else this.lma.handle(event, this.clock());
      this.#settle();
    }
  }

  #timeouts(): void {
    const due = (at: number | undefined) => at !== undefined && at <= this.#now;
    if (due(this.lma.nextTimeout())) this.lma.handle({ kind: 'timeout' }, this.clock());
    for (const { mag, access } of this.#nodes()) {
      if (due(mag.nextTimeout())) mag.handle({ kind: 'timeout' }, this.clock());
      if (due(access.nextTimeout())) access.handle({ kind: 'timeout' }, this.clock());
    }
  }

  /** Carries outputs to where they belong until there are none. */
  #settle(): void {
    for (const output of this.lma.drain()) this.#lmaOutput(output);
    for (const node of this.#nodes()) {
      for (let busy = true; busy; ) {
        const fromAccess = node.access.drain();
        for (const output of fromAccess) this.#accessOutput(node, output);
        const fromMag = node.mag.drain();
        for (const output of fromMag) this.#magOutput(node, output);
        busy = fromAccess.length + fromMag.length > 0;
      }
    }
  }

  #lmaOutput(output: LmaOutput): void {
    if (output.kind === 'send') this.#send(output);
  }

  #accessOutput(node: MagNode, output: AccessOutput): void {
    if (output.kind === 'transmit') {
      node.transmitted.push({ at: this.#now, frame: output.frame });
      const isArp = readU16(output.frame, 12) === EtherType.ARP;
      if (isArp) this.#answers.push({ at: this.#now + 1, node, mac: MacAddress.read(output.frame, 0) });
    } else if (isReport(output)) node.mag.handle(output, this.clock());
  }

  #magOutput(node: MagNode, output: MagOutput): void {
    if (output.kind === 'send') this.#send(output);
    else if (output.kind === 'ask-presence') node.access.handle(output, this.clock());
    else if (output.kind === 'session') {
      node.log.push(output.change.kind);
      node.access.handle({ kind: 'session', change: output.change }, this.clock());
    } else if (output.kind === 'forward') {
      const { change } = output;
      node.log.push(`forward ${change.kind}`);
      if (change.kind === 'clear') node.forwarding.delete(change.id);
      else node.forwarding.set(change.forwarding.id, `${change.forwarding.homeAddress} ${change.forwarding.prefixes}`);
    }
  }

  #send(output: SendOutput): void {
    const { local, remote } = output.to;
    if (!(local instanceof Ipv6Address) || !(remote instanceof Ipv6Address)) throw new Error('not over IPv6');
    const fate = this.fate(output.message, local, remote);
    const header = { from: local, to: remote, octets: sentOctets(output) };
    this.sent.push(header);
    if (fate !== 'lost') this.inject(header, fate);
  }

  #nodes(): MagNode[] {
    return [this.mag1, this.mag2];
  }

  #name(address: Ipv6Address): string {
    if (address.equals(MAG1)) return 'mag1';
    return address.equals(MAG2) ? 'mag2' : 'lma';
  }
}

/** A path that loses, delays and so reorders, from a seed. */
export function badPath(seed: number, loss: number, maximumDelay: number): Fate {
  const random = new SeededRandom(seed);
  return () => (nextFraction(random) < loss ? 'lost' : 1 + nextFraction(random) * maximumDelay);
}
