/** LMAs, MAGs and mobile nodes of the simulator on links without faults, and what they say to each other written down. */
import type { IpAddress } from '#base/ip-address.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds } from '#base/time.ts';
import type { LmaConfig, NaiProfile } from '#proto/lma/events.ts';
import type { MagConfig, MagProfile } from '#proto/mag/events.ts';
import type { LogOutput } from '#proto/peer.ts';
import { checkAgreement } from '#sim/agreement.ts';
import { DHCLIENT, type DhcpHabits } from '#sim/dhcp-client.ts';
import { lmaConfig, magConfig } from '#sim/domain.ts';
import { PERFECT_LINK } from '#sim/link.ts';
import type { LmaNode } from '#sim/lma-node.ts';
import type { MagNode } from '#sim/mag-node.ts';
import type { MobileNode } from '#sim/mobile-node.ts';
import type { Direction } from '#sim/network.ts';
import { destinationOf, sourceOf } from '#sim/network.ts';
import { mobilityHeaderOf } from '#sim/signalling.ts';
import { RADIO_LINK, World } from '#sim/world.ts';
import { decodeMobilityHeader } from '#wire/mobility/index.ts';
import { Ladder } from './ladder.ts';
import { messageText } from './message-text.ts';

/** What is not as it is by default: one LMA, two MAGs, one dual-stack node `mn1`, IPv6 between them. */
export interface Setting {
  readonly nodes?: readonly ActorNode[];
  readonly lma?: Partial<LmaConfig>;
  readonly mag?: Partial<MagConfig>;
  /** Of the second MAG alone. */
  readonly mag2?: Partial<MagConfig>;
  readonly profile?: Partial<MagProfile & NaiProfile>;
  readonly translations?: readonly { readonly inside: Ipv4Address; readonly outside: Ipv4Address }[];
  /** From one node to another, in milliseconds. */
  readonly delayMs?: number;
  /** Of sequence numbers and keys. */
  readonly seed?: number;
}

export interface ActorNode {
  readonly name: string;
  /** `mn1@example.com` for `mn1` when it is not stated. */
  readonly nai?: string;
  readonly dhcp?: DhcpHabits | 'none';
}

const RAILS = ['mag1', 'lma1', 'mag2'];
const DEFAULT_DELAY_MS = 1;

export class Stage {
  readonly world: World;
  readonly #ladder: Ladder;
  readonly #names = new Map<string, string>();
  readonly #cut = new Map<string, Direction>();
  /** What was last written down of each node's bindings and addresses. */
  readonly #known = new Map<string, string>();

  constructor(setting: Setting) {
    const nodes = (setting.nodes ?? [{ name: 'mn1' }]).map((node, i) => {
      return { nai: `${node.name}@example.com`, dhcp: DHCLIENT, ...node, mac: new MacAddress(0x0024, 0xd78e2100 + i) };
    });
    const profiles = [...new Set(nodes.map(({ nai }) => nai))].map((nai): MagProfile & NaiProfile => {
      return { nai, service: 'dual', ...setting.profile };
    });
    const localProfiles = nodes.map(({ mac, nai }) => ({ mac, nai }));
    const { defaultProfile: _, ...anchor } = lmaConfig(0, 2, { profiles, ...setting.lma });
    const gateway = (i: number) =>
      magConfig(i, 1, { detection: DETECTION, profiles, localProfiles, ...setting.mag, ...(i === 1 && setting.mag2) });
    this.world = new World({
      seed: setting.seed ?? 1,
      lmas: [anchor],
      mags: [gateway(0), gateway(1)],
      mobileNodes: nodes,
      transport: () => ({ ...PERFECT_LINK, delay: milliseconds((setting.delayMs ?? DEFAULT_DELAY_MS) / 2) }),
      radio: RADIO_LINK,
      ...(setting.translations && { translations: setting.translations }),
    });
    this.#ladder = new Ladder(RAILS, () => this.world.scheduler.elapsedMs);
    this.#listen();
  }

  get lma(): LmaNode {
    return this.world.lmas[0] as LmaNode;
  }

  get mag1(): MagNode {
    return this.world.mags[0] as MagNode;
  }

  get mag2(): MagNode {
    return this.world.mags[1] as MagNode;
  }

  node(name = 'mn1'): MobileNode {
    const node = this.world.mobileNodes.find((each) => each.name === name);
    if (!node) throw new Error(`no node ${name}`);
    return node;
  }

  /** What happens now, in words, and what comes of it within a while. */
  scene(text: string, happen: () => void, seconds = 5): void {
    this.#ladder.scene(text);
    happen();
    this.pass(seconds);
  }

  pass(seconds: number): void {
    this.world.scheduler.run(milliseconds(seconds * 1000));
  }

  /** What it sends takes that long to the others, and what it is sent likewise. */
  slowDown(node: LmaNode | MagNode, delaySeconds: number): void {
    const delay = milliseconds(delaySeconds * 1000);
    this.world.network.impair(node.addresses[0] as IpAddress, { ...PERFECT_LINK, delay });
  }

  cut(node: LmaNode | MagNode, direction: Direction): void {
    this.#cut.set(node.name, direction);
    this.world.network.cut(node.addresses[0] as IpAddress, direction);
  }

  join(node: LmaNode | MagNode): void {
    this.#cut.delete(node.name);
    this.world.network.join(node.addresses[0] as IpAddress);
  }

  /** Everybody agrees in the end; what was written down. */
  end(agreed = true): string {
    if (agreed) checkAgreement(this.world);
    return this.#ladder.text();
  }

  #listen(): void {
    const { network, scheduler, lmas, mags } = this.world;
    for (const node of [...lmas, ...mags]) {
      for (const address of node.addresses) {
        this.#names.set(address.key, node.name);
        this.#names.set(network.outside(address).key, node.name);
      }
      node.onLog = (output) => this.#log(node.name, output);
    }
    network.onPacket = (packet) => this.#packet(packet);
    scheduler.onStep = () => this.#note();
  }

  #packet(packet: Uint8Array): void {
    const octets = mobilityHeaderOf(packet);
    const message = octets && decodeMobilityHeader(octets);
    if (!message?.ok) return;
    const from = this.#names.get(sourceOf(packet).key) ?? '';
    const to = this.#names.get(destinationOf(packet).key) ?? '';
    const isLost = this.#isCut(from, 'out') || this.#isCut(to, 'in');
    this.#ladder.arrow(from, to, isLost, messageText(message.value, packet));
  }

  #isCut(name: string, direction: Direction): boolean {
    const cut = this.#cut.get(name);
    return cut === direction || cut === 'both';
  }

  /** What becomes of bindings is written down anyway. */
  #log(name: string, { level, code, text }: LogOutput): void {
    if (level === 'debug' || (level === 'info' && code.startsWith('binding'))) return;
    this.#ladder.remark(`${name} ${level === 'info' ? 'says' : 'warns'}: ${text}`);
  }

  /** Whatever has changed since the last step. */
  #note(): void {
    const { lmas, mags, mobileNodes } = this.world;
    for (const { name, machine } of lmas) {
      for (const { nai, llid, state, peer, hoa, hnps, careOfAddresses } of machine.snapshot()) {
        const tunnel = careOfAddresses[0]?.encapsulation;
        this.#know(
          `${name} ${llid}`,
          `${name} has ${nai}: ${state} at ${peer}, ${addressesText(hoa, hnps)}, ${tunnel}`,
        );
      }
      this.#forget(name, machine.snapshot());
    }
    for (const { name, mag } of mags) {
      for (const { nai, llid, state } of mag.snapshot()) this.#know(`${name} ${llid}`, `${name} has ${nai}: ${state}`);
      this.#forget(name, mag.snapshot());
    }
    for (const node of mobileNodes) {
      const held = node.heldAddresses;
      if (held.length > 0) this.#know(node.name, `${node.name} may use ${held.join(' and ')}`);
      else if (this.#known.delete(node.name)) this.#ladder.remark(`${node.name} has no address`);
    }
  }

  #know(key: string, text: string): void {
    if (this.#known.get(key) === text) return;
    this.#known.set(key, text);
    this.#ladder.remark(text);
  }

  #forget(name: string, rows: readonly { readonly llid: string }[]): void {
    for (const [key, text] of this.#known) {
      const [owner, llid] = key.split(' ');
      if (owner !== name || llid === undefined || rows.some((row) => row.llid === llid)) continue;
      this.#known.delete(key);
      this.#ladder.remark(`${text.slice(0, text.indexOf(':'))} no longer`);
    }
  }
}

const DETECTION = { pollInterval: milliseconds(10_000), timeout: milliseconds(2000), retries: 2 };

function addressesText(hoa: string | null, hnps: readonly string[]): string {
  return [...(hoa === null ? [] : [hoa]), ...hnps].join(' and ') || 'no address';
}
