import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig, MagInterface, MagProfile } from '#proto/mag/events.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import { AccessTechnologyType, AuthenticationSubtype } from '#wire/mobility/index.ts';
import { lmaConfig, lmaName, magConfig, magName } from './domain.ts';
import type { Swarm, SwarmNode } from './swarm.ts';
import type { WorldPlan } from './world.ts';
import { RADIO_LINK, TRANSPORT_LINK } from './world.ts';

const DEFAULT_PROFILE: MagProfile = { nai: 'default', service: 'dual' };

/** The world that a swarm describes. */
export function planOf(swarm: Swarm): WorldPlan {
  const isProtected = (name: string) => protectedNodes(swarm).includes(name);
  return {
    seed: swarm.seed,
    lmas: Array.from({ length: swarm.lmas }, (_, i) => anchor(swarm, i)),
    mags: Array.from({ length: swarm.mags }, (_, i) => gateway(swarm, i)),
    mobileNodes: swarm.mobileNodes.map(({ name, mac, dhcp, stable }) => {
      return { name, mac, dhcp, ...(stable && { radio: RADIO_LINK }) };
    }),
    transport: (name) => (isProtected(name) ? TRANSPORT_LINK : swarm.transport),
    radio: swarm.radio,
    stationMaximum: swarm.stationMaximum,
  };
}

/** Whom nothing happens to. */
export function protectedNodes({ hasStable, lmas, mags }: Swarm): string[] {
  return hasStable ? [lmaName(lmas - 1), magName(mags - 1)] : [];
}

export function naiOf({ name }: SwarmNode): string {
  return `${name}@example.com`;
}

function anchor(swarm: Swarm, index: number): LmaConfig {
  const { mobileNodes, defaultProfile, addresses } = swarm;
  const base = lmaConfig(index, swarm.mags);
  const low = 0x0a000000 + (index << 20);
  const { defaultProfile: _, ...rest } = base;
  return {
    ...rest,
    maximumLifetime: swarm.lifetime,
    deleteWait: swarm.deleteWait,
    bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: swarm.briRetries },
    timestampCheck: swarm.timestampCheck,
    dynamicMagLearning: swarm.dynamicMagLearning,
    profiles: mobileNodes
      .filter(({ lma }) => lma === index)
      .map((node) => ({ nai: naiOf(node), service: node.service })),
    ...(defaultProfile && { defaultProfile: DEFAULT_PROFILE }),
    ...(swarm.authentication && { authentication: association() }),
    pools: {
      ipv4: [
        {
          low: new Ipv4Address(low + 1),
          high: new Ipv4Address(low + addresses),
          prefixLength: 20,
          gateway: new Ipv4Address(low + 0xffe),
        },
      ],
      ipv6: [
        {
          prefix: new Ipv6Prefix(new Ipv6Address(0x20010db8, 0xf00d0000 + (index << 16), 0, 0), swarm.scarce ? 62 : 48),
          assignedLength: 64,
        },
      ],
    },
  };
}

function gateway(swarm: Swarm, index: number): MagConfig {
  const own = swarm.mobileNodes.filter(({ lma }) => lma !== undefined);
  return magConfig(index, swarm.lmas, {
    lifetime: swarm.lifetime,
    refreshTime: swarm.refreshTime,
    detection: swarm.detection,
    lmas: magConfig(index, swarm.lmas).lmas.map((lma) => {
      return { ...lma, ...(swarm.authentication && { authentication: association() }) };
    }),
    profiles: [
      DEFAULT_PROFILE,
      ...own.map((node) => ({ nai: naiOf(node), service: node.service, lma: lmaName(node.lma ?? 0) })),
    ],
    localProfiles: own.map((node) => ({ mac: node.mac, nai: naiOf(node) })),
    interfaces: Array.from({ length: swarm.interfaces }, (_, i): MagInterface => {
      return {
        name: `GigabitEthernet0/${i}`,
        linkName: `acc${i}`,
        accessTechnology: AccessTechnologyType.IEEE_802_11,
        ...(swarm.defaultProfile && { defaultProfile: DEFAULT_PROFILE }),
      };
    }),
  });
}

function association(): MobilitySecurityAssociation {
  return {
    subtype: AuthenticationSubtype.MN_HA,
    spi: 1000,
    hmac: new HmacSha1(new TextEncoder().encode('simulated')),
  };
}
