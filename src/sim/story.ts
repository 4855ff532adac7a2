import { MacAddress } from '#base/mac-address.ts';
import type { Instant } from '#base/time.ts';
import { elapsed, milliseconds, seconds } from '#base/time.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { checkAgreement } from './agreement.ts';
import { lmaConfig, magConfig } from './domain.ts';
import type { LmaNode } from './lma-node.ts';
import type { Family } from './mobile-node.ts';
import type { ProbeCount } from './prober.ts';
import { Prober } from './prober.ts';
import { SimulationFault } from './scheduler.ts';
import { RADIO_LINK, TRANSPORT_LINK, World } from './world.ts';

export interface StoryOptions {
  readonly seed: number;
  readonly roams: number;
  /** Of every link between the nodes of the domain, 0 to 1; none without it. */
  readonly loss?: number;
}

/** All times are virtual milliseconds. */
export interface StoryResult {
  readonly seed: number;
  readonly attach: AttachTimes;
  readonly roams: readonly StoryRoam[];
  /** Over the whole stay, by family. */
  readonly probes: Readonly<Record<Family, ProbeCount>>;
  readonly before: NodeAddresses;
  readonly after: NodeAddresses;
  /** The LMA's binding before the mobile node left. */
  readonly bindings: readonly LmaBindingRow[];
  readonly detach: DetachTimes;
  readonly signallingMessages: number;
  readonly steps: number;
}

/** Since the access point announced the mobile node. */
export interface AttachTimes {
  readonly bindingMs: number;
  readonly ipv4AddressMs: number;
  readonly ipv6AddressMs: number;
  readonly ipv4FirstReplyMs: number;
  readonly ipv6FirstReplyMs: number;
}

export interface DetachTimes {
  /** From the release of the DHCP lease until the LMA has ended the IPv4 binding. */
  readonly leaseReleasedMs: number;
  /** From leaving silently until the LMA has deleted the binding: detection at the MAG and the wait before deletion. */
  readonly bindingDeletedMs: number;
}

export interface StoryRoam {
  readonly to: string;
  /** From the move to the first answer at the new place. */
  readonly interruptionMs: Readonly<Record<Family, number>>;
  readonly probesLost: Readonly<Record<Family, number>>;
}

export interface NodeAddresses {
  readonly ipv4: string;
  readonly ipv4Router: string;
  readonly ipv6: string;
  readonly ipv6Router: string;
  readonly routerLinkLayer: string;
}

const MAGS = 2;
const MOBILE_NODE = new MacAddress(0x0024, 0xd78e2100);
const PROBE_INTERVAL = milliseconds(1);
const BETWEEN_ROAMS = seconds(1);
/** The defaults of IOS. */
const DETECTION = { pollInterval: seconds(10), timeout: seconds(2), retries: 2 };
/** By then a MAG that missed the node's departure and the LMA's revocation has found out by itself, with links that work again. */
const RECOVERY = seconds(20);
/** A probe and its answer are under way no longer than this. */
const FLIGHT_MS = 20;
/** In this time a roam or an attachment is done even when the first messages are lost. */
const PATIENCE = seconds(240);

/** A mobile node attaches, roams to and fro under traffic, and leaves. Throws `SimulationFault` when something does not come about. */
export function runStory(options: StoryOptions, report: (line: string) => void): StoryResult {
  const loss = options.loss ?? 0;
  const world = new World({
    seed: options.seed,
    lmas: [lmaConfig(0, MAGS)],
    mags: Array.from({ length: MAGS }, (_, i) => magConfig(i, 1, { detection: DETECTION })),
    mobileNodes: [{ name: 'mn1', mac: MOBILE_NODE }],
    transport: () => ({ ...TRANSPORT_LINK, loss }),
    radio: RADIO_LINK,
  });
  const story = new Story(world, report, loss > 0);
  const attach = story.attach();
  const before = story.addresses();
  const roams = Array.from({ length: options.roams }, (_, i) => story.roam(i % 2 === 0 ? 'mag2' : 'mag1'));
  const after = story.addresses();
  const bindings = story.anchor.machine.snapshot(world.scheduler.clock());
  const probes = story.endTraffic();
  const detach = story.detach();
  const signallingMessages = [...world.lmas, ...world.mags].reduce((sum, node) => sum + node.signalsSent, 0);
  const { steps } = world.scheduler;
  return { seed: options.seed, attach, roams, probes, before, after, bindings, detach, signallingMessages, steps };
}

class Story {
  readonly #world: World;
  readonly #report: (line: string) => void;
  readonly #prober: Prober;
  readonly #lossy: boolean;
  readonly #start: Instant;

  constructor(world: World, report: (line: string) => void, lossy: boolean) {
    this.#lossy = lossy;
    this.#world = world;
    this.#report = report;
    this.#start = world.scheduler.now;
    this.#prober = new Prober(this.#node, world.correspondent, world.scheduler, PROBE_INTERVAL);
  }

  attach(): AttachTimes {
    this.#say('the mobile node comes into reach of mag1 and asks for addresses');
    this.#node.attach('mag1');
    this.#prober.start();
    const bindingMs = this.#until('the LMA has a binding', () => this.anchor.machine.snapshot().length > 0);
    const ipv6AddressMs = this.#until('it has an IPv6 address', () => this.#node.address !== undefined);
    const ipv4AddressMs = this.#until('it has an IPv4 address', () => this.#node.homeAddress !== undefined);
    const ipv6FirstReplyMs = this.#until('IPv6 works', () => this.#prober.hasAnswer('ipv6'));
    const ipv4FirstReplyMs = this.#until('IPv4 works', () => this.#prober.hasAnswer('ipv4'));
    this.#say(`it has ${this.#node.homeAddress} and ${this.#node.address}, and hears from the correspondent`);
    this.#world.scheduler.run(BETWEEN_ROAMS);
    return { bindingMs, ipv4AddressMs, ipv6AddressMs, ipv4FirstReplyMs, ipv6FirstReplyMs };
  }

  roam(to: string): StoryRoam {
    const { scheduler } = this.#world;
    const moved = scheduler.now;
    this.#node.roam(to);
    const heard = (family: Family) => this.#prober.firstAnswerSince(family, moved);
    this.#until(`traffic flows at ${to}`, () => heard('ipv4') !== undefined && heard('ipv6') !== undefined);
    scheduler.run(BETWEEN_ROAMS);
    const interruption = (family: Family) => rounded(elapsed(moved, heard(family) ?? scheduler.now));
    const lost = (family: Family) => {
      const from = this.#at(elapsed(this.#start, moved) - FLIGHT_MS);
      const to = this.#at(elapsed(this.#start, scheduler.now) - FLIGHT_MS);
      return this.#prober.count(family, from, to).lost;
    };
    const roam: StoryRoam = {
      to,
      interruptionMs: { ipv4: interruption('ipv4'), ipv6: interruption('ipv6') },
      probesLost: { ipv4: lost('ipv4'), ipv6: lost('ipv6') },
    };
    const { interruptionMs, probesLost } = roam;
    this.#say(
      `roamed to ${to}: interrupted IPv4 ${interruptionMs.ipv4} ms (${probesLost.ipv4} probes lost), ` +
        `IPv6 ${interruptionMs.ipv6} ms (${probesLost.ipv6} probes lost)`,
    );
    return roam;
  }

  endTraffic(): Record<Family, ProbeCount> {
    const { scheduler } = this.#world;
    const end = scheduler.now;
    if (this.#lossy) {
      this.#world.network.heal();
      scheduler.run(RECOVERY);
    }
    this.#prober.stop();
    scheduler.run(BETWEEN_ROAMS);
    checkAgreement(this.#world);
    return {
      ipv4: this.#prober.count('ipv4', this.#start, end),
      ipv6: this.#prober.count('ipv6', this.#start, end),
    };
  }

  detach(): DetachTimes {
    const { scheduler } = this.#world;
    const lma = this.anchor;
    const released = scheduler.now;
    this.#node.dhcp.release();
    this.#until('the LMA takes the IPv4 address back', () => lma.machine.snapshot().every((row) => row.hoa === null));
    const leaseReleasedMs = rounded(elapsed(released, scheduler.now));
    this.#say('the mobile node has given its lease back, and the LMA has ended the IPv4 half of the binding');
    const left = scheduler.now;
    this.#node.detach();
    this.#until('the LMA forgets the binding', () => lma.machine.snapshot().length === 0);
    const bindingDeletedMs = rounded(elapsed(left, scheduler.now));
    this.#say(
      'it left without a word: the MAG asked for it in vain, and the LMA has deleted the binding after its wait',
    );
    scheduler.run(BETWEEN_ROAMS);
    checkAgreement(this.#world);
    return { leaseReleasedMs, bindingDeletedMs };
  }

  addresses(): NodeAddresses {
    const { lease } = this.#node.dhcp;
    const { address, router } = this.#node.autoconfiguration;
    return {
      ipv4: `${lease?.address}/${lease?.prefixLength}`,
      ipv4Router: `${lease?.router}`,
      ipv6: `${address}`,
      ipv6Router: `${router?.address}`,
      routerLinkLayer: `${router?.mac}`,
    };
  }

  get anchor(): LmaNode {
    return this.#world.lmas[0] as LmaNode;
  }

  get #node() {
    const [node] = this.#world.mobileNodes;
    if (!node) throw new SimulationFault('the world has a mobile node', 'it has none');
    return node;
  }

  /** Virtual milliseconds that it took since the start. */
  #until(what: string, done: () => boolean): number {
    if (!this.#world.scheduler.runUntil(done, PATIENCE)) throw new SimulationFault(what, 'not within four minutes');
    return rounded(elapsed(this.#start, this.#world.scheduler.now));
  }

  #at(sinceStart: number): Instant {
    return (this.#start + sinceStart) as Instant;
  }

  #say(line: string): void {
    this.#report(`${(this.#world.scheduler.elapsedMs / 1000).toFixed(3).padStart(9)} s  ${line}`);
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
