import type { IpAddress } from '#base/ip-address.ts';
import type { Random } from '#base/random.ts';
import { nextBelow, nextFraction, pick } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { AuthorizationChange } from '#proto/aaa/authorization-change.ts';
import { DHCP_SERVER_MANNERS } from './dhcp-server.ts';
import { HostilePeer } from './hostile-peer.ts';
import { HostileStation } from './hostile-station.ts';
import type { LmaNode } from './lma-node.ts';
import { accessPointName, type MagNode, STOP_TIME } from './mag-node.ts';
import type { MobileNode } from './mobile-node.ts';
import type { Ownership } from './ownership.ts';
import type { SessionEnds } from './session-ends.ts';
import type { FaultKind, Swarm } from './swarm.ts';
import { drawTransport, FAULT_KINDS } from './swarm.ts';
import { protectedNodes } from './swarm-world.ts';
import type { Traffic } from './traffic.ts';
import type { World } from './world.ts';

export interface FaultTargets {
  readonly swarm: Swarm;
  readonly world: World;
  readonly ownership: Ownership;
  readonly sessionEnds: SessionEnds;
  readonly traffic: ReadonlyMap<MobileNode, Traffic>;
}

/** Does to a world what the weights of its swarm say, spares those who are protected, and makes everything whole again. */
export class Faults {
  readonly counts: Partial<Record<FaultKind, number>> = {};
  handovers = 0;
  /** Told of what happens, in words. */
  onFault: (text: string) => void = () => {};
  readonly #targets: FaultTargets;
  readonly #random: Random;
  readonly #peer: HostilePeer;
  readonly #station: HostileStation;
  readonly #lmas: readonly LmaNode[];
  readonly #mags: readonly MagNode[];
  readonly #wild: readonly MobileNode[];
  readonly #victims: readonly string[];
  /** Those that are switched off. */
  readonly #off = new Set<MobileNode>();
  readonly #downLinks: { readonly mag: MagNode; readonly interface: string }[] = [];
  #refusing = false;
  readonly #forgetful = new Set<LmaNode>();
  /** Those that are configured otherwise than drawn. */
  readonly #changed = new Set<LmaNode | MagNode>();

  constructor(targets: FaultTargets, random: Random) {
    const { swarm, world } = targets;
    this.#targets = targets;
    this.#random = random;
    const spared = protectedNodes(swarm);
    this.#lmas = world.lmas.filter(({ name }) => !spared.includes(name));
    this.#mags = world.mags.filter(({ name }) => !spared.includes(name));
    const stable = new Set(swarm.mobileNodes.filter((node) => node.stable).map(({ name }) => name));
    this.#wild = world.mobileNodes.filter(({ name }) => !stable.has(name));
    this.#victims = swarm.mobileNodes
      .filter((node) => !node.stable)
      .map((node) => (node.lma === undefined ? node.mac.toCiscoString() : node.nai));
    for (const node of this.#wild) this.#off.add(node);
    this.#peer = new HostilePeer(world, random, spared);
    this.#station = new HostileStation(world, random);
    world.network.onPacket = (packet) => this.#peer.hears(packet);
    const refuses = () => this.#refusing && nextFraction(random) < 0.3;
    for (const node of [...this.#lmas, ...this.#mags]) node.forwarder.refuses = refuses;
  }

  /** One more thing goes wrong, or right. */
  inject(): void {
    const { weights } = this.#targets.swarm;
    let left = nextFraction(this.#random) * FAULT_KINDS.reduce((sum, kind) => sum + weights[kind], 0);
    const kind = FAULT_KINDS.find((one) => {
      left -= weights[one];
      return left < 0;
    });
    if (!kind) return;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.#actions[kind]();
  }

  /** Everything becomes whole; who was on its way arrives. */
  heal(): void {
    const { world } = this.#targets;
    world.network.heal();
    world.air.heal();
    world.aaa.answers = true;
    world.aaa.limitsSessions = false;
    if (world.dhcpServer) world.dhcpServer.manner = 'right';
    this.#refusing = false;
    this.onFault('everything is whole again');
    for (const lma of world.lmas) if (!lma.isUp) this.#startAnchor(lma);
    for (const mag of world.mags) if (!mag.isUp) mag.start();
    for (const node of [...world.lmas, ...world.mags]) node.clock.set(milliseconds(0));
    for (const { mag, interface: name } of this.#downLinks.splice(0)) mag.setLink(name, true);
    // What a forged message made a gateway deny, only its operator allows again.
    if (this.counts.spoof) for (const mag of this.#mags) mag.handle({ kind: 'clear-bindings' });
  }

  /** Everybody goes, some without a word. */
  disperse(): void {
    const { air, mobileNodes } = this.#targets.world;
    for (const node of mobileNodes) {
      if (air.whereIs(node) === undefined) continue;
      if (nextBelow(this.#random, 2) === 0) node.detach();
      else node.leave();
    }
    for (const node of this.#wild) this.#off.add(node);
  }

  readonly #actions: Readonly<Record<FaultKind, () => void>> = {
    roam: () => this.#move(this.#anyNode()),
    leave: () => this.#leave(this.#anyNode()),
    detach: () => this.#detach(this.#anyNode()),
    partition: () => this.#partition(),
    impair: () => this.#targets.world.network.impair(this.#anyAddress(), drawTransport(this.#random)),
    clock: () => this.#setClock(),
    'mag-crash': () => this.#stopGateway(pick(this.#random, this.#mags), true),
    'mag-stop': () => this.#stopGateway(pick(this.#random, this.#mags), false),
    'lma-crash': () => this.#crashAnchor(false),
    'lma-forget': () => this.#crashAnchor(true),
    link: () => this.#dropLink(pick(this.#random, this.#mags)),
    clear: () => this.#clear(),
    configure: () => this.#configure(),
    nat: () => this.#restartTranslators(),
    aaa: () => this.#changeAaaServer(),
    'authorization-change': () => this.#changeAuthorization(this.#anyNode()),
    'dhcp-server': () => this.#changeDhcpServer(),
    forwarding: () => this.#changeRefusing(),
    stranger: () => this.#peer.sendAsStranger(this.#targets.swarm.dynamicMagLearning ? [] : this.#victims),
    spoof: () => this.#peer.sendAsPeer(this.#victims),
    'hostile-station': () => this.#station.act(),
  };

  #anyNode(): MobileNode {
    return pick(this.#random, this.#wild);
  }

  #changeRefusing(): void {
    this.#refusing = !this.#refusing;
    this.onFault(`data planes ${this.#refusing ? 'refuse some changes' : 'do what they are asked to'}`);
  }

  #move(node: MobileNode): void {
    const { air, mags } = this.#targets.world;
    const to = pick(this.#random, pick(this.#random, mags).accessPoints);
    const from = air.whereIs(node);
    const announces = nextFraction(this.#random) < 0.9;
    this.onFault(`${node.name} goes from ${from ?? 'nowhere'} to ${to}${announces ? '' : ', unannounced'}`);
    this.#targets.traffic.get(node)?.interrupted();
    if (this.#off.delete(node)) node.attach(to, announces);
    else if (from === undefined) node.rejoin(to, announces);
    else if (from !== to) {
      this.handovers++;
      node.roam(to, announces);
    }
  }

  #leave(node: MobileNode): void {
    if (this.#targets.world.air.whereIs(node) === undefined) this.#move(node);
    else {
      this.onFault(`${node.name} goes out of reach`);
      node.leave();
    }
  }

  #detach(node: MobileNode): void {
    if (this.#targets.world.air.whereIs(node) === undefined) {
      this.#move(node);
      return;
    }
    this.onFault(`${node.name} is switched off`);
    node.detach();
    this.#off.add(node);
  }

  #partition(): void {
    const { network } = this.#targets.world;
    const address = this.#anyAddress();
    if (nextFraction(this.#random) < 0.5) {
      const direction = pick(this.#random, ['out', 'in', 'both'] as const);
      this.onFault(`${address} is cut off: ${direction}`);
      network.cut(address, direction);
    } else {
      this.onFault(`${address} is joined again`);
      network.join(address);
    }
  }

  /** A little, as clocks are; more than the window of timestamps; or by hours. */
  #setClock(): void {
    const { clock, name } = pick(this.#random, [...this.#lmas, ...this.#mags]);
    const most = pick(this.#random, [3000, 60_000, 7_200_000]);
    const ahead = nextFraction(this.#random) < 0.4 ? 0 : most * (2 * nextFraction(this.#random) - 1);
    this.onFault(`the clock of ${name} is ${Math.round(ahead)} ms ahead`);
    clock.set(milliseconds(ahead));
  }

  #stopGateway(mag: MagNode, crash: boolean): void {
    if (!mag.isUp) return;
    const forgets = crash && nextFraction(this.#random) < 0.3;
    this.onFault(`${mag.name} is ${crash ? 'killed' : 'stopped'}${forgets ? ' and loses its store' : ''}`);
    if (crash) mag.crash();
    else mag.stop();
    if (forgets) mag.loseStore();
    this.#later(crash ? milliseconds(0) : STOP_TIME, () => {
      if (mag.isUp) return;
      this.onFault(`${mag.name} starts`);
      mag.start();
    });
  }

  #crashAnchor(forgets: boolean): void {
    if (this.#lmas.length === 0) return;
    const lma = pick(this.#random, this.#lmas);
    if (!lma.isUp) return;
    lma.crash();
    this.onFault(`${lma.name} is killed${forgets ? ' and loses its store' : ''}`);
    if (forgets) lma.loseStore();
    if (forgets) this.#forgetful.add(lma);
    this.#later(milliseconds(0), () => {
      if (!lma.isUp) this.#startAnchor(lma);
    });
  }

  #startAnchor(lma: LmaNode): void {
    const { ownership, swarm } = this.#targets;
    // What was stored by a wrong clock, or is read by one, may seem to be over.
    if (this.#forgetful.delete(lma) || lma.clock.wasWrong) ownership.forgotten(lma, granted(swarm));
    this.onFault(`${lma.name} starts`);
    lma.start();
  }

  #dropLink(mag: MagNode): void {
    const { name } = pick(this.#random, mag.config.interfaces);
    if (!mag.isUp || this.#downLinks.some((down) => down.mag === mag && down.interface === name)) return;
    mag.setLink(name, false);
    this.#targets.world.air.dropAll(accessPointName(mag.config, name));
    const down = { mag, interface: name };
    this.#downLinks.push(down);
    this.onFault(`${mag.name} loses the carrier of ${name}`);
    this.#later(milliseconds(0), () => {
      const at = this.#downLinks.indexOf(down);
      if (at < 0) return;
      this.#downLinks.splice(at, 1);
      this.onFault(`${mag.name} has the carrier of ${name} again`);
      mag.setLink(name, true);
    });
  }

  /** Of one mobile node, of everybody, or at an anchor of one gateway. */
  #clear(): void {
    const node = pick(this.#random, [...this.#lmas, ...this.#mags]);
    const nai = pick(this.#random, this.#victims);
    const mag = pick(this.#random, this.#mags).name;
    const selection = pick(this.#random, [{ nai }, { nai }, {}, 'mag' in node ? {} : { mag }]);
    this.onFault(`${node.name} clears the bindings of ${Object.values(selection)[0] ?? 'everybody'}`);
    node.handle({ kind: 'clear-bindings', ...selection });
  }

  /** A node runs with what an operator made of its configuration, or again with what was drawn. */
  #configure(): void {
    const node = pick(this.#random, [...this.#lmas, ...this.#mags]);
    const isChanged = this.#changed.delete(node);
    if (!isChanged) this.#changed.add(node);
    this.onFault(`${node.name} is configured ${isChanged ? 'as before' : 'otherwise'}`);
    node.configure(isChanged ? undefined : this.#targets.swarm.lifetime);
  }

  #changeAaaServer(): void {
    const { aaa } = this.#targets.world;
    if (nextFraction(this.#random) < 0.5) aaa.answers = !aaa.answers;
    else aaa.limitsSessions = !aaa.limitsSessions;
    const limits = aaa.limitsSessions ? 'limits sessions' : 'limits nothing';
    this.onFault(`the AAA server ${aaa.answers ? 'answers' : 'does not answer'} and ${limits}`);
  }

  /** The session lasts no longer than that from now on, or it has no IPv4 any more, or again: as its gateway is told, or its anchor. */
  #changeAuthorization({ name, mac }: MobileNode): void {
    const { swarm } = this.#targets;
    const drawn = swarm.mobileNodes.find((node) => node.name === name);
    const service = drawn?.service;
    if (drawn && nextFraction(this.#random) < 0.4) {
      this.#changeAtAnchors(drawn.lma === undefined ? mac.toCiscoString() : drawn.nai);
      return;
    }
    const change: AuthorizationChange =
      service !== 'dual' || nextFraction(this.#random) < 0.5
        ? { sessionTimeout: swarm.sessionTimeout }
        : { service: pick(this.#random, ['dual', 'ipv4', 'ipv6']) };
    this.onFault(`the AAA server changes the authorization of ${name}: ${JSON.stringify(change)}`);
    for (const mag of this.#mags) mag.change(mac, change);
  }

  #changeAtAnchors(nai: string): void {
    const { swarm, sessionEnds } = this.#targets;
    const { sessionTimeout } = swarm;
    const change = { sessionTimeout, interimInterval: sessionTimeout };
    this.onFault(`the AAA server lets sessions of ${nai} last ${sessionTimeout / 1000} s from now on`);
    for (const lma of this.#lmas) {
      if (!lma.isUp) continue;
      sessionEnds.changed(lma, nai, sessionTimeout);
      lma.handle({ kind: 'change', selection: { nai }, change });
    }
  }

  #changeDhcpServer(): void {
    const { dhcpServer } = this.#targets.world;
    if (!dhcpServer) return;
    dhcpServer.manner = pick(this.#random, DHCP_SERVER_MANNERS);
    this.onFault(`the DHCP server is ${dhcpServer.manner}`);
  }

  #restartTranslators(): void {
    this.onFault('boxes that translate addresses are restarted');
    for (const mag of this.#mags) for (const address of mag.addresses) this.#targets.world.network.rebind(address);
  }

  /** After a while, unless everything was made whole before. */
  #later(least: Duration, action: () => void): void {
    const delay = least + nextFraction(this.#random) * pick(this.#random, [500, 5000, seconds(40)]);
    this.#targets.world.scheduler.schedule(milliseconds(delay), action);
  }

  #anyAddress(): IpAddress {
    return pick(this.#random, [...this.#lmas, ...this.#mags]).addresses[0] as IpAddress;
  }
}

/** How long a host may believe in what was granted to it: the lifetime, and once more what its gateway tells it at the end of that. */
export function granted({ lifetime }: Swarm): Duration {
  return milliseconds(lifetime + Math.max(lifetime, 600_000));
}
