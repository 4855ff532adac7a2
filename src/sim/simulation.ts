import { nextBelow, pick, SeededRandom } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { LogOutput } from '#proto/peer.ts';
import { checkAgreement } from './agreement.ts';
import { checkBookkeeping, checkNoTimers, checkNothingLeft } from './bookkeeping.ts';
import { checkDhcpReply } from './dhcp-replies.ts';
import { Faults, granted } from './faults.ts';
import { Hails } from './hails.ts';
import { MessageBudget } from './message-budget.ts';
import type { MobileNode } from './mobile-node.ts';
import { Ownership } from './ownership.ts';
import { SimulationFault } from './scheduler.ts';
import { SessionEnds } from './session-ends.ts';
import type { FaultKind, Swarm, SwarmChanges } from './swarm.ts';
import { drawSwarm } from './swarm.ts';
import { planOf } from './swarm-world.ts';
import { Traffic } from './traffic.ts';
import { World } from './world.ts';

export interface SimulationOptions extends SwarmChanges {
  readonly seed: number;
  /** How long things go wrong, in virtual time. */
  readonly minutes: number;
  /** Is told of everything, with the virtual milliseconds since the start. */
  readonly onEvent?: (event: SimulationEvent, elapsedMs: number) => void;
}

export type SimulationEvent =
  /** An IP packet between nodes of the domain. */
  | { readonly kind: 'packet'; readonly packet: Uint8Array }
  /** An Ethernet frame of an access link. */
  | { readonly kind: 'frame'; readonly accessPoint: string; readonly frame: Uint8Array }
  | { readonly kind: 'log'; readonly node: string; readonly output: LogOutput }
  /** What happens to nodes, links and mobile nodes, for people. */
  | { readonly kind: 'fault'; readonly text: string };

export interface SimulationOutcome {
  readonly seed: number;
  readonly minutes: number;
  readonly failure: SimulationFailure | undefined;
  readonly figures: SimulationFigures;
}

export interface SimulationFailure {
  readonly invariant: string;
  readonly message: string;
  /** Virtual milliseconds since the start. */
  readonly atMs: number;
  /** Where the code was, when it was no invariant that failed. */
  readonly stack?: string;
}

export interface SimulationFigures {
  readonly virtualMs: number;
  readonly steps: number;
  readonly messages: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly overtaken: number;
  readonly datagramsSent: number;
  readonly datagramsAnswered: number;
  /** Datagrams between mobile nodes that arrived, and those that did not go through an anchor. */
  readonly hails: number;
  readonly routedLocally: number;
  /** By the AAA server: sessions that anchors were allowed, and those that it has changed or ended. */
  readonly authorized: number;
  readonly sessionsChanged: number;
  readonly sessionsTimedOut: number;
  /** By the DHCP server that gateways relay to. */
  readonly dhcpAnswers: number;
  readonly handovers: number;
  readonly longestInterruptionMs: number;
  readonly refusedForwarding: number;
  readonly agreements: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
}

/** Between two checks of each node's books. */
const STEPS_BETWEEN_CHECKS = 500;
/** Of turmoil, before it is quiet and everybody must agree. */
const TURMOIL = seconds(90);
/** Registrations that were given up, stations that were forgotten, clients that rest. */
const RECOVERY = seconds(240);

/** Lets a world that is drawn from a seed run, with everything that its swarm wants to go wrong. Never throws. */
export function runSimulation(options: SimulationOptions): SimulationOutcome {
  const simulation = new Simulation(options);
  const { seed, minutes } = options;
  let failure: SimulationFailure | undefined;
  try {
    simulation.run(milliseconds(minutes * 60_000));
  } catch (error) {
    failure = failureOf(error, simulation.world.scheduler.elapsedMs);
  }
  return { seed, minutes, failure, figures: simulation.figures() };
}

class Simulation {
  readonly world: World;
  readonly #swarm: Swarm;
  readonly #random: SeededRandom;
  readonly #ownership: Ownership;
  readonly #budget: MessageBudget;
  readonly #sessionEnds: SessionEnds;
  readonly #faults: Faults;
  readonly #hails: Hails;
  readonly #traffic = new Map<MobileNode, Traffic>();
  readonly #stable: readonly MobileNode[];
  #stepsToCheck = STEPS_BETWEEN_CHECKS;
  #quiet = false;
  #agreements = 0;

  constructor({ seed, onEvent, ...changes }: SimulationOptions) {
    const swarm = drawSwarm(seed, changes);
    const world = new World(planOf(swarm));
    const { scheduler, lmas, mobileNodes } = world;
    this.#swarm = swarm;
    this.world = world;
    this.#random = new SeededRandom(seed ^ 0x5213);
    this.#ownership = new Ownership(scheduler, lmas, mobileNodes, swarm.scarce);
    this.#budget = new MessageBudget(world);
    this.#sessionEnds = new SessionEnds(scheduler);
    for (const mag of world.mags) mag.onTransmit = (frame) => checkDhcpReply(mag, frame);
    mobileNodes.forEach((node, i) => {
      const traffic = new Traffic(
        i,
        node,
        world.correspondent,
        scheduler,
        () => this.#interval(),
        () => this.#ownership.amnesty,
      );
      this.#traffic.set(node, traffic);
    });
    this.#hails = new Hails(world, this.#traffic);
    const { traffic, ownership } = { traffic: this.#traffic, ownership: this.#ownership };
    const sessionEnds = this.#sessionEnds;
    this.#faults = new Faults({ swarm, world, ownership, sessionEnds, traffic }, this.#random);
    this.#stable = mobileNodes.filter((_, i) => swarm.mobileNodes[i]?.stable);
    if (onEvent) this.#report((event) => onEvent(event, scheduler.elapsedMs));
    scheduler.onStep = () => this.#afterStep();
  }

  #report(tell: (event: SimulationEvent) => void): void {
    const { network, air, lmas, mags } = this.world;
    const hears = network.onPacket;
    network.onPacket = (packet) => {
      hears(packet);
      tell({ kind: 'packet', packet });
    };
    air.onFrame = (accessPoint, frame) => tell({ kind: 'frame', accessPoint, frame });
    for (const node of [...lmas, ...mags]) node.onLog = (output) => tell({ kind: 'log', node: node.name, output });
    this.#faults.onFault = (text) => tell({ kind: 'fault', text });
  }

  run(duration: Duration): void {
    const { scheduler } = this.world;
    this.#settleStable();
    for (const traffic of this.#traffic.values()) traffic.start();
    const end = scheduler.elapsedMs + duration;
    while (scheduler.elapsedMs < end) {
      this.#turmoil(Math.min(end, scheduler.elapsedMs + TURMOIL));
      this.#agree();
    }
    this.#end();
  }

  figures(): SimulationFigures {
    const { scheduler, network, lmas, mags } = this.world;
    const nodes = [...lmas, ...mags];
    const counts = Array.from(this.#traffic.values(), (traffic) => traffic.counts);
    const { lost, duplicated, overtaken } = network.stats();
    return {
      virtualMs: scheduler.elapsedMs,
      steps: scheduler.steps,
      messages: sum(nodes, ({ signalsSent }) => signalsSent),
      lost,
      duplicated,
      overtaken,
      datagramsSent: sum(counts, ({ sent }) => sent),
      datagramsAnswered: sum(counts, ({ answered }) => answered),
      hails: sum(counts, ({ hailed }) => hailed),
      routedLocally: this.#hails.routedLocally,
      authorized: this.world.aaa.authorized,
      sessionsChanged:
        sum(mags, ({ mag }) => mag.stats.sessionsChanged) + sum(lmas, ({ machine }) => machine.stats.sessionsChanged),
      sessionsTimedOut: sum(mags, ({ mag }) => mag.stats.sessionsTimedOut),
      dhcpAnswers: this.world.dhcpServer?.answered ?? 0,
      handovers: this.#faults.handovers,
      longestInterruptionMs: Math.max(0, ...counts.map((count) => count.longestInterruptionMs)),
      refusedForwarding: sum(nodes, ({ forwarder }) => forwarder.refused),
      agreements: this.#agreements,
      faults: this.#faults.counts,
    };
  }

  /** The stable ones come first, and have what they will keep. */
  #settleStable(): void {
    const mag = this.world.mags.at(-1);
    for (const node of this.#stable) node.attach(pick(this.#random, mag?.accessPoints ?? []));
    this.world.scheduler.run(seconds(30));
    for (const node of this.#stable) {
      const held = `${node.heldAddresses}`;
      if (held === '') throw new SimulationFault('a stable mobile node gets an address', `${node.name} has none`);
      const traffic = this.#traffic.get(node) as Traffic;
      traffic.mustNotLose = true;
      const changed = node.onAddressChange;
      node.onAddressChange = () => {
        changed();
        if (`${node.heldAddresses}` === held || !traffic.mustNotLose) return;
        throw new SimulationFault(
          'a stable mobile node keeps its addresses',
          `${node.name} had ${held} and has ${node.heldAddresses}`,
        );
      };
    }
  }

  #turmoil(until: number): void {
    const { scheduler, mobileNodes } = this.world;
    this.#quiet = false;
    while (scheduler.elapsedMs < until) {
      this.#faults.inject();
      this.#hails.send(pick(this.#random, mobileNodes), pick(this.#random, mobileNodes));
      const most = Math.min(this.#swarm.pause, until - scheduler.elapsedMs);
      scheduler.run(milliseconds(Math.min(nextBelow(this.#random, this.#swarm.pause) + 1, Math.max(1, most))));
    }
  }

  /** Links, nodes and clocks are whole again; after a while everybody agrees. */
  #agree(): void {
    this.#faults.heal();
    this.#quiet = true;
    this.world.scheduler.run(milliseconds(this.#swarm.lifetime + RECOVERY));
    checkBookkeeping(this.world);
    checkAgreement(this.world, { scarce: this.#swarm.scarce });
    this.#hails.check();
    this.#agreements++;
  }

  /** Everybody goes, and nothing remains. */
  #end(): void {
    for (const traffic of this.#traffic.values()) {
      traffic.mustNotLose = false;
      traffic.stop();
    }
    this.#faults.disperse();
    this.world.scheduler.run(milliseconds(granted(this.#swarm) + RECOVERY));
    checkNothingLeft(this.world);
    checkNoTimers(this.world);
  }

  /** When nothing happens, little traffic is enough. */
  #interval(): Duration {
    return milliseconds(this.#quiet ? this.#swarm.trafficInterval + 15_000 : this.#swarm.trafficInterval);
  }

  #afterStep(): void {
    this.#budget.check();
    this.#sessionEnds.check();
    if (--this.#stepsToCheck > 0) return;
    this.#stepsToCheck = STEPS_BETWEEN_CHECKS;
    checkBookkeeping(this.world);
  }
}

function failureOf(error: unknown, atMs: number): SimulationFailure {
  if (error instanceof SimulationFault) return { invariant: error.invariant, message: error.message, atMs };
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return { invariant: 'nothing throws', message, atMs, ...(stack !== undefined && { stack }) };
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
