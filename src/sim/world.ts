import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { SeededRandom } from '#base/random.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import { DEFAULT_TUNNEL_MTU } from '#proto/mag/events.ts';
import { AccessTechnologyType } from '#wire/mobility/index.ts';
import { Air } from './air.ts';
import { Correspondent } from './correspondent.ts';
import { Invariants } from './invariants.ts';
import type { LinkFaults } from './link.ts';
import { PERFECT_LINK, SimLink } from './link.ts';
import { LmaNode } from './lma-node.ts';
import { MagNode } from './mag-node.ts';
import { MobileNode } from './mobile-node.ts';
import { SimNetwork } from './network.ts';
import { Scheduler } from './scheduler.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly mags?: number;
  readonly mobileNodes?: number;
  /** Of the links between the nodes of the domain. */
  readonly transport?: Partial<LinkFaults>;
  readonly radio?: Partial<LinkFaults>;
  readonly lma?: Partial<LmaConfig>;
  readonly mag?: Partial<MagConfig>;
}

const LMA_ADDRESS = new Ipv6Address(0x20010db8, 0xcafe1024, 0, 0x101);
const MAG_LINK_LOCAL = new Ipv6Address(0xfe800000, 0, 0x02005eff, 0xfe005213);
const CORRESPONDENT_IPV4 = new Ipv4Address(0xc633640a);
const CORRESPONDENT_IPV6 = new Ipv6Address(0x20010db8, 0x01000000, 0, 0x10);
const LMA_NAME = 'lma1';
const ACCESS_INTERFACE = 'GigabitEthernet0/1/0.3074';

/** One LMA, some MAGs with an access point each, some mobile nodes, and a correspondent; all of it replays from its seed. */
export class World {
  readonly seed: number;
  readonly random: Random;
  readonly scheduler = new Scheduler();
  readonly network: SimNetwork;
  readonly air: Air;
  readonly lma: LmaNode;
  readonly mags: readonly MagNode[];
  readonly mobileNodes: readonly MobileNode[];
  readonly correspondent: Correspondent;
  readonly invariants: Invariants;

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.random = new SeededRandom(options.seed);
    const { scheduler, random } = this;
    const transport = { ...PERFECT_LINK, delay: milliseconds(0.25), ...options.transport };
    const radio = { ...PERFECT_LINK, delay: milliseconds(0.5), ...options.radio };
    this.network = new SimNetwork(scheduler, random);
    this.air = new Air(scheduler, random, radio);
    const upstream = new SimLink(scheduler, random, { ...PERFECT_LINK, delay: milliseconds(0.25) });
    const downstream = new SimLink(scheduler, random, { ...PERFECT_LINK, delay: milliseconds(0.25) });
    const magAddresses = Array.from({ length: options.mags ?? 2 }, (_, i) => magAddress(i));
    this.lma = new LmaNode(lmaConfig(magAddresses, options.lma), LMA_ADDRESS, scheduler, this.network, (packet) =>
      upstream.carry(() => this.correspondent.receive(packet)),
    );
    this.correspondent = new Correspondent(CORRESPONDENT_IPV4, CORRESPONDENT_IPV6, (packet) =>
      downstream.carry(() => this.lma.fromInternet(packet)),
    );
    this.mags = magAddresses.map((address, i) => {
      const config = magConfig(i, address, options.mag);
      return new MagNode(config, address, scheduler, this.network, this.air, random.nextU32());
    });
    for (const node of [this.lma, ...this.mags]) {
      this.network.attach(node.address, transport, (packet) => node.receive(packet));
    }
    this.mobileNodes = Array.from({ length: options.mobileNodes ?? 1 }, (_, i) => {
      const mac = new MacAddress(0x0024, 0xd78e2100 + i);
      return new MobileNode(`mn${i + 1}`, mac, this.air, scheduler, new SeededRandom(random.nextU32()));
    });
    this.invariants = new Invariants(this);
    scheduler.onStep = () => this.invariants.check();
  }
}

function magAddress(index: number): Ipv6Address {
  return new Ipv6Address(0x20010db8, (0xcafe << 16) | (0x1025 + index), 0, 0x15);
}

function lmaConfig(mags: readonly Ipv6Address[], changes: Partial<LmaConfig> = {}): LmaConfig {
  return {
    name: LMA_NAME,
    domain: 'D1',
    addresses: { ipv6: LMA_ADDRESS },
    timestampWindow: seconds(7),
    timestampCheck: true,
    bindingMaximum: 128_000,
    maximumLifetime: seconds(3600),
    deleteWait: milliseconds(10_000),
    createWait: milliseconds(1500),
    bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 },
    peers: mags.map((ipv6, i) => ({ name: `mag${i + 1}`, ipv6 })),
    dynamicMagLearning: false,
    profiles: [],
    defaultProfile: { nai: 'default', service: 'dual' },
    pools: {
      ipv4: [
        {
          low: new Ipv4Address(0xc0000201),
          high: new Ipv4Address(0xc00002fd),
          prefixLength: 24,
          gateway: new Ipv4Address(0xc00002fe),
        },
      ],
      ipv6: [{ prefix: new Ipv6Prefix(new Ipv6Address(0x20010db8, 0xf00d0000, 0, 0), 48), assignedLength: 64 }],
    },
    ...changes,
  };
}

function magConfig(index: number, ipv6: Ipv6Address, changes: Partial<MagConfig> = {}): MagConfig {
  const defaultProfile = { nai: 'default', service: 'dual' } as const;
  return {
    name: `mag${index + 1}`,
    domain: 'D1',
    addresses: { ipv6 },
    lmas: [{ name: LMA_NAME, ipv6: LMA_ADDRESS }],
    profiles: [defaultProfile],
    localProfiles: [],
    interfaces: [
      {
        name: ACCESS_INTERFACE,
        linkName: 'acc0',
        accessTechnology: AccessTechnologyType.IEEE_802_11,
        defaultProfile,
      },
    ],
    lifetime: seconds(3600),
    refreshTime: seconds(300),
    retransmitInitial: seconds(1),
    retransmitMaximum: seconds(32),
    bindingMaximum: 128_000,
    tunnelMtu: DEFAULT_TUNNEL_MTU,
    bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 },
    linkLocal: MAG_LINK_LOCAL,
    linkLayer: MacAddress.pmipv6Mag,
    detection: undefined,
    ...changes,
  };
}
