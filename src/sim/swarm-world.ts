import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { Ipv4PoolConfig, Ipv6PoolConfig, LmaConfig, LmaPeer, NaiProfile } from '#proto/lma/events.ts';
import type { MagConfig, MagInterface, MagProfile } from '#proto/mag/events.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import { AccessTechnologyType, AuthenticationSubtype } from '#wire/mobility/index.ts';
import {
  lmaAddress,
  lmaConfig,
  lmaIpv4Address,
  lmaName,
  magAddress,
  magConfig,
  magInsideAddress,
  magIpv4Address,
  magName,
  magRelayAddress,
} from './domain.ts';
import type { Swarm } from './swarm.ts';
import type { SwarmNode } from './swarm-nodes.ts';
import type { GatewayTransport } from './swarm-transport.ts';
import type { WorldPlan } from './world.ts';
import { RADIO_LINK, TRANSPORT_LINK } from './world.ts';

const DEFAULT_PROFILE: MagProfile = { nai: 'default', service: 'dual' };
/** Of the pools of home addresses. */
const SUBNET_LENGTH = 20;
const DHCP_SERVER = new Ipv4Address(0xac1000fe);
const OFFICE = 'office.example';

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
    ...((swarm.aaa || swarm.authorization) && {
      aaaProfiles: new Map(swarm.mobileNodes.map((node) => [node.mac.key, aaaProfile(swarm, node)])),
    }),
    ...(swarm.relays.length > 0 && { dhcpServer: dhcpServer(swarm) }),
    translations: swarm.transports.gateways.flatMap(({ nat }, i) => {
      return nat ? [{ inside: magInsideAddress(i), outside: magIpv4Address(i) }] : [];
    }),
    transport: (name) => (isProtected(name) ? TRANSPORT_LINK : swarm.transport),
    radio: swarm.radio,
    inBatches: swarm.inBatches,
    stationMaximum: swarm.stationMaximum,
    localRouting: swarm.localRouting,
  };
}

function dhcpServer({ relays, leaseTime }: Swarm): NonNullable<WorldPlan['dhcpServer']> {
  return {
    address: DHCP_SERVER,
    leaseTime,
    prefixLength: SUBNET_LENGTH,
    relays: new Map(relays.map((i) => [magName(i), magRelayAddress(i)])),
  };
}

/** Whom nothing happens to. */
export function protectedNodes({ hasStable, lmas, mags }: Swarm): string[] {
  return hasStable ? [lmaName(lmas - 1), magName(mags - 1)] : [];
}

function anchor(swarm: Swarm, index: number): LmaConfig {
  const { mobileNodes, defaultProfile, transports, anchorHeartbeat, refreshAdvice } = swarm;
  const { defaultProfile: _, ...rest } = lmaConfig(index, swarm.mags);
  const hasIpv4 = transports.gateways.some(({ addresses }) => addresses !== 'ipv6');
  return {
    ...rest,
    addresses: { ipv6: lmaAddress(index), ...(hasIpv4 && { ipv4: lmaIpv4Address(index) }) },
    peers: swarm.dynamicMagLearning ? [] : transports.gateways.map((transport, i) => peer(swarm, i, transport)),
    tunnel: transports.policy,
    generateGreKeys: transports.keys,
    prefixMaximum: FIXED_PREFIXES,
    maximumLifetime: swarm.lifetime,
    deleteWait: swarm.deleteWait,
    bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: swarm.briRetries },
    timestampCheck: swarm.timestampCheck,
    dynamicMagLearning: swarm.dynamicMagLearning,
    authorization: swarm.authorization,
    profiles: [
      ...mobileNodes.filter(({ lma }) => lma === index).map((node) => profileOf(swarm, node)),
      ...(swarm.defaultService ? [serviceProfile(swarm)] : []),
    ],
    ...(defaultProfile && { defaultProfile: DEFAULT_PROFILE }),
    ...(swarm.authentication && { authentication: association() }),
    ...(anchorHeartbeat && { heartbeat: anchorHeartbeat }),
    ...(refreshAdvice !== undefined && { refreshTime: refreshAdvice }),
    pools: {
      ipv4: [undefined, ...swarm.networks].map((network, i) => ipv4Pool(index, i, network, swarm.addresses)),
      ipv6: [undefined, ...swarm.networks].map((network, i) => ipv6Pool(index, i, network, swarm.scarce)),
      quarantine: swarm.quarantine,
    },
  };
}

function peer({ transports }: Swarm, index: number, { addresses }: GatewayTransport): LmaPeer {
  return {
    name: magName(index),
    ...(addresses !== 'ipv4' && { ipv6: magAddress(index) }),
    ...(addresses !== 'ipv6' && { ipv4: magIpv4Address(index) }),
    interop: transports.anchorInterop,
  };
}

/** Chooses: one anchor has sixteen networks at most, each of 4096 addresses. */
function lowAddress(anchorIndex: number, networkIndex: number): number {
  return 0x0a000000 + (anchorIndex << 20) + (networkIndex << 12);
}

function ipv4Pool(
  anchorIndex: number,
  networkIndex: number,
  network: string | undefined,
  size: number,
): Ipv4PoolConfig {
  const low = lowAddress(anchorIndex, networkIndex);
  return {
    low: new Ipv4Address(low + 1),
    high: new Ipv4Address(low + size),
    prefixLength: SUBNET_LENGTH,
    gateway: new Ipv4Address(low + 0xffe),
    ...(network !== undefined && { network }),
  };
}

function ipv6Pool(
  anchorIndex: number,
  networkIndex: number,
  network: string | undefined,
  scarce: boolean,
): Ipv6PoolConfig {
  const address = new Ipv6Address(0x20010db8, 0xf0000000 + (anchorIndex << 20) + (networkIndex << 16), 0, 0);
  return {
    prefix: new Ipv6Prefix(address, scarce ? 62 : 48),
    assignedLength: 64,
    ...(network !== undefined && { network }),
  };
}

/** Of a service and not of a node. */
function serviceProfile({ networks: [network] }: Swarm): NaiProfile {
  return { nai: 'office', service: 'dual', apn: OFFICE, ...(network !== undefined && { network }) };
}

const FIXED_PREFIXES = 2;

function profileOf(swarm: Swarm, { nai, service, network, apn, multihomed, fixed, lma = 0 }: SwarmNode): NaiProfile {
  return {
    nai,
    service,
    lma: lmaName(lma),
    ...(network !== undefined && { network }),
    ...(apn !== undefined && { apn }),
    multihomed,
    // Where anchors ask the AAA server, it alone knows.
    ...(fixed !== undefined && !swarm.authorization && { fixed: fixedAddresses(swarm, lma, fixed) }),
  };
}

/** From the far end of the first pools, where nobody else's are. */
function fixedAddresses({ addresses }: Swarm, anchorIndex: number, index: number): NonNullable<NaiProfile['fixed']> {
  const low = lowAddress(anchorIndex, 0);
  const { w0, w1 } = ipv6Pool(anchorIndex, 0, undefined, false).prefix.address;
  return {
    homeAddress: {
      address: new Ipv4Address(low + addresses - index),
      prefixLength: SUBNET_LENGTH,
      defaultRouter: new Ipv4Address(low + 0xffe),
    },
    prefixes: Array.from({ length: FIXED_PREFIXES }, (_, i) => {
      return new Ipv6Prefix(new Ipv6Address(w0, w1 + 0x8000 + index * FIXED_PREFIXES + i, 0, 0), 64);
    }),
  };
}

function gateway(swarm: Swarm, index: number): MagConfig {
  const { transports, gatewayHeartbeat } = swarm;
  const own = swarm.mobileNodes.filter(({ lma }) => lma !== undefined);
  const { addresses, tunnel, keys, nat } = transports.gateways[index] as GatewayTransport;
  const manner = {
    interop: transports.gatewayInterop,
    ...(tunnel && { tunnel }),
    ...(swarm.authentication && { authentication: association() }),
  };
  const defaultProfile = { ...DEFAULT_PROFILE, ...(swarm.defaultService && { apn: OFFICE }) };
  return magConfig(index, swarm.lmas, {
    addresses: {
      ...(addresses !== 'ipv4' && { ipv6: magAddress(index) }),
      ...(addresses !== 'ipv6' && { ipv4: nat ? magInsideAddress(index) : magIpv4Address(index) }),
    },
    generateGreKeys: keys,
    lifetime: swarm.lifetime,
    refreshTime: swarm.refreshTime,
    timestamps: swarm.timestamps,
    linkLocalFromLma: swarm.linkLocalFromLma,
    detection: swarm.detection,
    ...(gatewayHeartbeat && { heartbeat: gatewayHeartbeat }),
    lmas: Array.from({ length: swarm.unlistedAnchors ? 1 : swarm.lmas }, (_, i) => {
      return { name: lmaName(i), ipv6: lmaAddress(i), ipv4: lmaIpv4Address(i), ...manner };
    }),
    profiles: [defaultProfile, ...own.map(gatewayProfile)],
    localProfiles: swarm.aaa ? [] : own.map(({ mac, nai }) => ({ mac, nai })),
    ...(swarm.aaa && { aaa: { overrides: new Map(), service: 'dual', unlistedLma: manner } }),
    interfaces: Array.from({ length: swarm.interfaces }, (_, i): MagInterface => {
      return {
        name: `GigabitEthernet0/${i}`,
        linkName: `acc${i}`,
        accessTechnology: AccessTechnologyType.IEEE_802_11,
        ...(swarm.defaultProfile && { defaultProfile }),
      };
    }),
  });
}

function gatewayProfile({ nai, service, apn, multihomed, localRouting, lma = 0 }: SwarmNode): MagProfile {
  const policy = localRouting === undefined ? {} : { localRouting };
  return { nai, service, lma: lmaName(lma), ...(apn !== undefined && { apn }), multihomed, ...policy };
}

/** All of them give the anchor's addresses, and half its name. */
function aaaProfile(swarm: Swarm, node: SwarmNode): AaaProfile {
  const { nai, service, apn, multihomed, localRouting, lma = 0, mac, stable, fixed } = node;
  const anchor = {
    lmaIpv6: lmaAddress(lma),
    lmaIpv4: lmaIpv4Address(lma),
    ...(mac.key % 2 === 0 && { lma: lmaName(lma) }),
  };
  const policy = {
    ...(apn !== undefined && { apn }),
    ...(localRouting === false && { localRouting }),
    ...(!stable && { sessionTimeout: swarm.sessionTimeout }),
  };
  const addresses = fixed === undefined ? { prefixes: [] } : assignedAddresses(swarm, lma, fixed);
  return { nai, service, multihomed, ...anchor, ...policy, ...addresses, classes: [] };
}

function assignedAddresses(
  swarm: Swarm,
  lma: number,
  fixed: number,
): Pick<AaaProfile, 'homeAddress' | 'gateway' | 'prefixes'> {
  const { homeAddress, prefixes = [] } = fixedAddresses(swarm, lma, fixed);
  if (!homeAddress) return { prefixes };
  const { address, defaultRouter: gateway } = homeAddress;
  return { homeAddress: new Ipv4Prefix(address, 32), gateway, prefixes };
}

/** What all nodes share, where they authenticate what they send. */
export function association(): MobilitySecurityAssociation {
  return {
    subtype: AuthenticationSubtype.MN_HA,
    spi: 1000,
    hmac: new HmacSha1(new TextEncoder().encode('simulated')),
  };
}
