import { sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Random } from '#base/random.ts';
import { SeededRandom } from '#base/random.ts';
import { milliseconds } from '#base/time.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import { AaaServer } from './aaa-server.ts';
import { AddressTranslation } from './address-translation.ts';
import { Air } from './air.ts';
import { Correspondent } from './correspondent.ts';
import { DhcpServer, type DhcpServerPlan } from './dhcp-server.ts';
import { Internet } from './internet.ts';
import type { LinkFaults } from './link.ts';
import { PERFECT_LINK, SimLink } from './link.ts';
import { LmaNode } from './lma-node.ts';
import { MagNode, type MagNodeOptions } from './mag-node.ts';
import type { MobileNodeOptions } from './mobile-node.ts';
import { MobileNode } from './mobile-node.ts';
import { SimNetwork } from './network.ts';
import { Scheduler } from './scheduler.ts';

export interface WorldPlan extends Omit<MagNodeOptions, 'aaa' | 'relay'> {
  readonly seed: number;
  readonly lmas: readonly LmaConfig[];
  readonly mags: readonly MagConfig[];
  readonly mobileNodes: readonly MobileNodeOptions[];
  /** Of the links of each node of the domain, by its name; perfect ones where it says nothing. */
  readonly transport: (node: string) => LinkFaults;
  readonly radio: LinkFaults;
  /** Anchors carry out together what messages of one instant lead to. */
  readonly inBatches?: boolean;
  /** With the address that each of the gateways has which relays to it, by name. */
  readonly dhcpServer?: DhcpServerPlan & { readonly relays: ReadonlyMap<string, Ipv4Address> };
  /** That the AAA server knows, by link-layer address. */
  readonly aaaProfiles?: ReadonlyMap<number, AaaProfile>;
  /** Of gateways, by the address that they have inside. */
  readonly translations?: readonly { readonly inside: Ipv4Address; readonly outside: Ipv4Address }[];
}

/** Of a link that only takes its time. */
export const TRANSPORT_LINK: LinkFaults = { ...PERFECT_LINK, delay: milliseconds(0.25) };
export const RADIO_LINK: LinkFaults = { ...PERFECT_LINK, delay: milliseconds(0.5) };

const CORRESPONDENT_IPV4 = new Ipv4Address(0xc633640a);
const CORRESPONDENT_IPV6 = new Ipv6Address(0x20010db8, 0x01000000, 0, 0x10);

/** LMAs, MAGs with an access point for each of their interfaces, mobile nodes, and a correspondent; all of it replays from its seed. */
export class World {
  readonly random: Random;
  readonly scheduler = new Scheduler();
  readonly network: SimNetwork;
  readonly air: Air;
  readonly aaa: AaaServer;
  readonly dhcpServer: DhcpServer | undefined;
  readonly lmas: readonly LmaNode[];
  readonly mags: readonly MagNode[];
  readonly mobileNodes: readonly MobileNode[];
  readonly correspondent: Correspondent;

  constructor(plan: WorldPlan) {
    this.random = new SeededRandom(plan.seed);
    const { scheduler, random } = this;
    this.network = new SimNetwork(scheduler, random);
    this.air = new Air(scheduler, random, plan.radio);
    this.aaa = new AaaServer(scheduler, random, plan.aaaProfiles ?? new Map());
    const lmas: LmaNode[] = [];
    const internet = new Internet(lmas, () => this.correspondent, new SimLink(scheduler, random, TRANSPORT_LINK));
    const toInternet = (packet: Uint8Array) => internet.carry(packet);
    for (const config of plan.lmas) {
      lmas.push(new LmaNode(config, scheduler, this.network, toInternet, { ...plan, aaa: this.aaa }));
    }
    this.lmas = lmas;
    this.correspondent = new Correspondent(CORRESPONDENT_IPV4, CORRESPONDENT_IPV6, toInternet);
    const { dhcpServer } = plan;
    this.mags = plan.mags.map((config) => {
      const address = dhcpServer?.relays.get(config.name);
      const relay = dhcpServer && address && { servers: [dhcpServer.address], address };
      const options: MagNodeOptions = { ...plan, aaa: this.aaa, ...(relay && { relay }) };
      const mag = new MagNode(config, scheduler, this.network, this.air, new SeededRandom(random.nextU32()), options);
      if (address) this.network.attach([address], plan.transport(config.name), (packet) => mag.receiveRelayed(packet));
      return mag;
    });
    this.dhcpServer = dhcpServer && this.#startDhcpServer(dhcpServer, plan.transport('dhcp'));
    const translations = plan.translations ?? [];
    for (const node of [...this.lmas, ...this.mags]) {
      const ends = translations.find(({ inside }) => node.addresses.some((own) => sameAddress(own, inside)));
      const translation = ends && new AddressTranslation(ends.inside, ends.outside, () => scheduler.now);
      const receive = (packet: Uint8Array) => node.receive(packet);
      this.network.attach(node.addresses, plan.transport(node.name), receive, translation);
    }
    this.mobileNodes = plan.mobileNodes.map(
      (options) => new MobileNode(options, this.air, scheduler, new SeededRandom(random.nextU32())),
    );
  }

  #startDhcpServer(plan: DhcpServerPlan, faults: LinkFaults): DhcpServer {
    const server = new DhcpServer(plan, (packet) => this.network.forward(packet));
    this.network.attach([plan.address], faults, (packet) => server.receive(packet));
    return server;
  }
}
