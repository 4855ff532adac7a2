import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type {
  Configuration,
  DomainConfiguration,
  Encapsulation,
  MagConfiguration,
  MagInterfaceConfiguration,
  PeerConfiguration,
  ProfileConfiguration,
} from '#config/index.ts';
import { domainDefaults, magDefaults, retransmissionsOf, roleAccessTechnology } from '#config/index.ts';
import type { MagAaa, MagConfig, MagInterface, MagLma, MagProfile, MagTunnel } from '#proto/mag/events.ts';
import { DEFAULT_TUNNEL_MTU } from '#proto/mag/events.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import { associationOf, domainAssociation } from './assemble-authentication.ts';
import { heartbeatOf } from './assemble-heartbeat.ts';
import type { Report } from './assemble-report.ts';
import { domainOf, reportNoAddress, serviceOf } from './assemble-report.ts';
import { linuxInterfaceOf } from './assemble-vlan.ts';

/** `undefined` when it cannot be run; the reasons were reported. */
export function assembleMag(
  mag: MagConfiguration,
  configuration: Configuration,
  report: Report,
): MagConfig | undefined {
  const where = `ipv6 mobile pmipv6-mag ${mag.name}`;
  const domain = domainOf(where, mag.domain, configuration, report);
  if (!domain) return undefined;
  const node = domain.mags.find(({ name }) => name === mag.name);
  const ipv6 = mag.ipv6Address ?? node?.ipv6Address;
  const ipv4 = mag.ipv4Address ?? node?.ipv4Address;
  if (!ipv6 && !ipv4) return reportNoAddress(where, report);
  const shared = domainAssociation(domain, report);
  const vrfs = new Set(configuration.vrfs.map((vrf) => vrf.name));
  const lmas = lmasOf(where, mag, domain, shared, vrfs, report);
  for (const lma of lmas) checkTunnel(`${where}, lma ${lma.name}`, lma, { ipv6, ipv4 }, report);
  if (!lmas.some((lma) => (ipv6 && lma.ipv6) || (ipv4 && lma.ipv4))) {
    const families = [ipv6 && 'ipv6-address', ipv4 && 'ipv4-address'].filter((word) => word !== undefined);
    const lines = families.map((family) => `"${family} ADDRESS"`).join(' or ');
    report(`${where}: no LMA that it can reach; add "lma NAME" with ${lines} to domain ${domain.name}`);
  }
  if (mag.interfaces.length === 0)
    report(`${where}: no access interface; add "interface NAME" with "enable pmipv6 default PROFILE"`);
  return {
    name: mag.name,
    domain: domain.name,
    addresses: { ...(ipv6 && { ipv6 }), ...(ipv4 && { ipv4 }) },
    lmas,
    profiles: domain.profiles.map((profile) => magProfile(profile, mag)),
    localProfiles: domain.profiles.flatMap((profile) =>
      profile.interface ? [{ mac: profile.interface.mac, nai: profile.nai }] : [],
    ),
    interfaces: mag.interfaces.map((one) => magInterface(where, one, mag, domain, configuration, report)),
    lifetime: mag.lifetime ?? magDefaults.lifetime,
    refreshTime: mag.refreshTime ?? magDefaults.refreshTime,
    ...retransmissionsOf(mag),
    bindingMaximum: mag.bindingMaximum ?? magDefaults.bindingMaximum,
    tunnelMtu: mag.tunnelMtu ?? DEFAULT_TUNNEL_MTU,
    bri: { ...magDefaults.bri, ...mag.bri },
    ...heartbeatOf(mag),
    linkLocal: fixedLinkLocal(domain) ?? domainDefaults.fixedLinkLocal,
    linkLocalFromLma: domain.fixedLinkLocal?.isUnspecified === true,
    linkLayer: domain.fixedLinkLayer ?? domainDefaults.fixedLinkLayer,
    detection: mag.detection,
    generateGreKeys: mag.generateGreKey,
    needsApn: mag.role === '3gpp',
    ...(domain.profilesFromAaa && { aaa: magAaa(mag, domain, shared) }),
    timestamps: (mag.replayProtection ?? domain.replayProtection)?.timestamp !== false,
  };
}

/**
 * RFC 5213 §9.3 "Proxy Mobile IPv6 Domain -Configuration Variables": FixedMAGLinkLocalAddressOnAllAccessLinks; ALL_ZERO has the LMA choose it. TimestampBasedApproachInUse is `replay-protection timestamp`.
 * Differs: MobileNodeGeneratedTimestampInUse cannot be configured and stays 0, which RFC 5213 §9.3 and §5.5(6) "Timestamp Option for Message Ordering" let be 1: no access link here brings timestamps of mobile nodes.
 */
function fixedLinkLocal({ fixedLinkLocal: configured }: DomainConfiguration): Ipv6Address | undefined {
  return configured?.isUnspecified ? undefined : configured;
}

/** The LMAs that the MAG lists, or else those of the domain; an address or key that the MAG gives replaces the domain's. */
function lmasOf(
  where: string,
  mag: MagConfiguration,
  domain: DomainConfiguration,
  shared: MobilitySecurityAssociation | undefined,
  vrfs: ReadonlySet<string>,
  report: Report,
): MagLma[] {
  const isReachable = ({ name, vrf }: PeerConfiguration) => {
    if (vrf === undefined || vrfs.has(vrf)) return true;
    report(`${where}: lma ${name} is not used, as there is no VRF ${vrf}; add "vrf definition ${vrf}"`);
    return false;
  };
  const listed: PeerConfiguration[] =
    mag.lmas.length > 0
      ? mag.lmas
      : domain.lmas.map(({ name }) => ({ name, ipv6Addresses: [], ipv4Addresses: [], signallingIpsec: false }));
  return listed
    .filter(isReachable)
    .map(({ name, ipv6Addresses, ipv4Addresses, authentication: own, interop, encapsulation, signallingIpsec }) => {
      const node = domain.lmas.find((lma) => lma.name === name);
      const ipv6 = ipv6Addresses[0] ?? node?.ipv6Address;
      const ipv4 = ipv4Addresses[0] ?? node?.ipv4Address;
      const authentication = own ? associationOf(`${where}, lma ${name}`, own, report) : shared;
      return {
        name,
        ...(ipv6 && { ipv6 }),
        ...(ipv4 && { ipv4 }),
        ...(authentication && { authentication }),
        ...((signallingIpsec || domain.signallingIpsec) && { ipsec: true }),
        ...(interop && { interop }),
        ...tunnelOf(encapsulation ?? mag.encapsulation ?? domain.encapsulation),
      };
    });
}

const TUNNELS: Readonly<Record<Encapsulation, MagTunnel>> = {
  'ipv6-in-ipv6': { transport: 'ipv6', mode: 'ip' },
  'gre-ipv6': { transport: 'ipv6', mode: 'gre' },
  'gre-ipv4': { transport: 'ipv4-udp', mode: 'gre' },
  udptunnel: { transport: 'ipv4-udp', mode: 'udp' },
};

function tunnelOf(encapsulation: Encapsulation | undefined): Pick<MagLma, 'tunnel'> {
  return encapsulation ? { tunnel: TUNNELS[encapsulation] } : {};
}

interface Addresses {
  readonly ipv6: Ipv6Address | undefined;
  readonly ipv4: Ipv4Address | undefined;
}

/** An encapsulation over addresses that one of the two ends lacks. */
function checkTunnel(where: string, lma: MagLma, own: Addresses, report: Report): void {
  if (!lma.tunnel) return;
  const family = lma.tunnel.transport === 'ipv6' ? 'ipv6' : 'ipv4';
  const name = family === 'ipv6' ? 'IPv6' : 'IPv4';
  if (!own[family]) report(`${where}: its encapsulation goes over ${name}; add "address ${family} ADDRESS" to the MAG`);
  if (!lma[family]) report(`${where}: its encapsulation goes over ${name}; add "${family}-address ADDRESS" to the LMA`);
}

function magProfile(profile: ProfileConfiguration, mag: MagConfiguration): MagProfile {
  const { nai, apn, lma, service, network, multihomed, localRouting, greKeyUp, greKeyDown } = profile;
  const name = apn ?? mag.apn;
  return {
    nai,
    service: serviceOf(service),
    ...(name && { apn: name }),
    ...(lma && { lma }),
    ...(network && { network }),
    multihomed,
    ...(localRouting && { localRouting: localRouting === 'permit' }),
    ...greKeysOf({ greKeyUp, greKeyDown }),
  };
}

function greKeysOf({
  greKeyUp: up,
  greKeyDown: down,
}: {
  greKeyUp?: number | undefined;
  greKeyDown?: number | undefined;
}): Pick<MagProfile, 'greKeys'> {
  if (up === undefined && down === undefined) return {};
  return { greKeys: { ...(up !== undefined && { up }), ...(down !== undefined && { down }) } };
}

/** `nai` commands override what the AAA server says, parameter by parameter. */
function magAaa(
  mag: MagConfiguration,
  domain: DomainConfiguration,
  authentication: MobilitySecurityAssociation | undefined,
): MagAaa {
  return {
    overrides: new Map(domain.profiles.map((profile) => [profile.nai, statedIn(profile)])),
    service: domainDefaults.service,
    ...(mag.apn !== undefined && { apn: mag.apn }),
    unlistedLma: {
      ...(authentication && { authentication }),
      ...(domain.signallingIpsec && { ipsec: true }),
      ...tunnelOf(mag.encapsulation ?? domain.encapsulation),
    },
  };
}

function statedIn({
  apn,
  lma,
  service,
  network,
  multihomed,
  localRouting,
  greKeyUp,
  greKeyDown,
}: ProfileConfiguration): Partial<MagProfile> {
  return {
    ...(service && { service }),
    ...(apn && { apn }),
    ...(lma && { lma }),
    ...(network && { network }),
    ...(multihomed && { multihomed }),
    ...(localRouting && { localRouting: localRouting === 'permit' }),
    ...greKeysOf({ greKeyUp, greKeyDown }),
  };
}

function magInterface(
  where: string,
  { name, defaultProfile }: MagInterfaceConfiguration,
  mag: MagConfiguration,
  domain: DomainConfiguration,
  configuration: Configuration,
  report: Report,
): MagInterface {
  const { linkName } = linuxInterfaceOf(name, configuration);
  const profile = domain.profiles.find(({ nai }) => nai === defaultProfile);
  if (defaultProfile !== undefined && !profile) {
    report(
      `${where}, interface ${name}: there is no profile ${defaultProfile}; add "nai ${defaultProfile}" to domain ${domain.name}`,
    );
  }
  const technology = { name, linkName, accessTechnology: roleAccessTechnology(mag.role) };
  return profile ? { ...technology, defaultProfile: magProfile(profile, mag) } : technology;
}
