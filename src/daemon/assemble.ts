import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Configuration, InterfaceConfiguration } from '#config/index.ts';
import type { NodeForwarding, TcpMss } from '#dataplane/desired.ts';
import type { AaaDomain } from '#proto/aaa/domain.ts';
import type { AccessConfig } from '#proto/access/events.ts';
import { DEFAULT_STATION_MAXIMUM } from '#proto/access/events.ts';
import type { HostapdClientConfig } from '#proto/hostapd/index.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import { DEFAULT_TUNNEL_MTU } from '#proto/mag/events.ts';
import { type AaaAssembly, assembleAaa } from './aaa/assemble-aaa.ts';
import { waitingDomains, withDomainsFromAaa } from './aaa/domain-overlay.ts';
import { accessPointsOf } from './assemble-access-points.ts';
import { correspondentInterfaces } from './assemble-correspondents.ts';
import { ecnCompatibilityOf } from './assemble-ecn.ts';
import { tunnelFiltersOf } from './assemble-filters.ts';
import { assembleLma } from './assemble-lma.ts';
import { assembleMag } from './assemble-mag.ts';
import { accessInterface, networkParameters } from './assemble-parameters.ts';
import { withDistinctPools } from './assemble-pools.ts';
import type { Report } from './assemble-report.ts';
import type { SignallingConfig } from './assemble-signalling.ts';
import { signallingOf } from './assemble-signalling.ts';
import { linuxInterfaceOf } from './assemble-vlan.ts';
import { vrfsOf } from './assemble-vrfs.ts';
import { ANY_HOST, type Availability } from './host-availability.ts';

/** What one node runs, and what of its configuration it cannot run. */
export interface Assembly {
  readonly hostname: string;
  /** What the operator typed, with what AAA servers say of domains. */
  readonly configuration: Configuration;
  readonly lmas: readonly LmaConfig[];
  readonly mags: readonly MagAssembly[];
  readonly signalling: SignallingConfig;
  readonly forwarding: NodeForwarding;
  readonly aaa: AaaAssembly;
  /** Why an LMA, a MAG or a part of one is left out. Each says what to do. */
  readonly problems: readonly string[];
  /** What is left out until AAA servers have told of its domain. */
  readonly waiting: readonly string[];
  /** How many LMAs and MAGs lack nothing in the configuration, whether they can run here or not. */
  readonly complete: number;
}

/** What AAA servers have said of domains, and which nodes run already: these do not wait for it. */
export interface LoadedDomains {
  readonly settings: ReadonlyMap<string, AaaDomain>;
  readonly running: readonly { readonly name: string; readonly domain: string }[];
}

const NOTHING_LOADED: LoadedDomains = { settings: new Map(), running: [] };

export interface MagAssembly {
  readonly mag: MagConfig;
  readonly access: AccessConfig;
  /** Behind its interfaces, as far as they tell of their stations. */
  readonly accessPoints: readonly HostapdClientConfig[];
}

/** Why a configuration that lacks nothing cannot be run here. Every problem says what to do. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
  readonly code = 'configuration-not-runnable';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Turns the operator's configuration into what the machines and the data plane run with, on a machine that has what `host` says. */
export function assemble(
  typed: Configuration,
  hostname: string,
  host: Availability = ANY_HOST,
  loaded: LoadedDomains = NOTHING_LOADED,
): Assembly {
  const problems: string[] = [];
  const report = (problem: string): undefined => void problems.push(problem);
  const { configuration, waiting } = withoutWaiting(typed, loaded);
  const completeLmas = configuration.lmas.flatMap((lma) => assembleLma(lma, configuration, report) ?? []);
  const lmas = withDistinctPools(
    completeLmas.flatMap((lma) => withAddresses(lma, host, report) ?? []),
    report,
  );
  const completeMags = configuration.mags.flatMap((mag) => assembleMag(mag, configuration, report) ?? []);
  const magConfigs = completeMags
    .map((mag) => withInterfaces(mag, configuration, host, report))
    .flatMap((mag) => withAddresses(mag, host, report) ?? []);
  const mags = magConfigs.map((mag) => ({
    mag,
    access: accessOf(mag, configuration, report),
    accessPoints: accessPointsOf(mag, configuration, report),
  }));
  const name = configuration.hostname ?? hostname;
  const aaa = assembleAaa(configuration, name, report);
  if (aaa.settings.servers.length === 0) reportNoServer(typed, report);
  const vrfs = vrfsOf(configuration, magConfigs, (called) => host.table?.(called), report);
  const signalling = signallingOf(lmas, magConfigs, configuration, vrfs);
  const forwarding = {
    ...forwardingOf(lmas, magConfigs, configuration, report),
    ...(vrfs.length > 0 && { vrfs }),
    ...(typed.ipCef && { express: true }),
    ...correspondentInterfaces(lmas, configuration, host, report),
  };
  return {
    hostname: name,
    configuration: withDomainsFromAaa(typed, loaded.settings),
    lmas,
    mags,
    signalling,
    forwarding,
    aaa,
    problems: [...new Set(problems)],
    waiting,
    complete: completeLmas.length + completeMags.length,
  };
}

/** What can be run of it now: without a domain's settings a node could accept what it must not. */
function withoutWaiting(typed: Configuration, { settings, running }: LoadedDomains) {
  const waits = waitingDomains(typed, settings);
  const isHeld = ({ name, domain }: { readonly name: string; readonly domain: string }) =>
    waits.includes(domain) && !running.some((node) => node.name === name && node.domain === domain);
  const text = ({ name, domain }: { readonly name: string; readonly domain: string }) =>
    `${name} waits until domain ${domain} is loaded from AAA ("show aaa domains")`;
  const [lmas, mags] = [typed.lmas.filter(isHeld), typed.mags.filter(isHeld)];
  return {
    configuration: withDomainsFromAaa(
      { ...typed, lmas: typed.lmas.filter((lma) => !isHeld(lma)), mags: typed.mags.filter((mag) => !isHeld(mag)) },
      settings,
    ),
    waiting: [...lmas.map((lma) => `LMA ${text(lma)}`), ...mags.map((mag) => `MAG ${text(mag)}`)],
  };
}

/** What is to be said of a configuration in which nothing is to be run. */
export const NOTHING_TO_RUN =
  'nothing to run: add "ipv6 mobile pmipv6-lma NAME domain DOMAIN" or "ipv6 mobile pmipv6-mag NAME domain DOMAIN"';

/** Throws `AssemblyError` when nothing that is complete can run here. What lacks something waits until it is configured. */
export function requireRunnable({ lmas, mags, problems, waiting, complete }: Assembly): void {
  if (lmas.length + mags.length + waiting.length === 0 && complete > 0) throw new AssemblyError(problems);
}

/** The node with the addresses that it can have here; `undefined` when that is none. */
function withAddresses<Config extends LmaConfig | MagConfig>(
  config: Config,
  host: Availability,
  report: Report,
): Config | undefined {
  const { ipv6, ipv4 } = config.addresses;
  const usable = <Address extends IpAddress>(address: Address | undefined) => {
    const problem = address && host.address(address);
    if (problem !== undefined) report(problem);
    return problem === undefined ? address : undefined;
  };
  const [usable6, usable4] = [usable(ipv6), usable(ipv4)];
  if (!usable6 && !usable4) return undefined;
  return { ...config, addresses: { ...(usable6 && { ipv6: usable6 }), ...(usable4 && { ipv4: usable4 }) } };
}

function withInterfaces(mag: MagConfig, configuration: Configuration, host: Availability, report: Report): MagConfig {
  const interfaces = mag.interfaces.filter((one) => {
    const { vlan } = linuxInterfaceOf(one.name, configuration);
    const problem = host.link(vlan ? { ...one, linkName: vlan.parent } : one);
    if (problem !== undefined) report(problem);
    return problem === undefined;
  });
  return { ...mag, interfaces };
}

function reportNoServer({ domains, lmas }: Configuration, report: Report): void {
  for (const { name, accounting, authorization } of lmas) {
    const where = `ipv6 mobile pmipv6-lma ${name}`;
    const add = 'add "radius-server host ADDRESS key KEY"';
    if (accounting) report(`${where}: "enable aaa accounting" has no server to tell; ${add}`);
    if (authorization) report(`${where}: "enable aaa authorization" has no server to ask, so nobody is served; ${add}`);
  }
  for (const { name, profilesFromAaa, loadFromAaa } of domains) {
    const where = `ipv6 mobile pmipv6-domain ${name}`;
    const needs = 'has no server to ask; add "radius-server host ADDRESS key KEY"';
    if (loadFromAaa) report(`${where}: "load-aaa" ${needs}`);
    if (profilesFromAaa) report(`${where}: "mn-profile-load-aaa" ${needs}`);
  }
}

function accessOf(mag: MagConfig, configuration: Configuration, report: Report): AccessConfig {
  return {
    interfaces: mag.interfaces.map(({ name }) => accessInterface(name, mag, configuration, report)),
    linkLayer: mag.linkLayer,
    linkLocal: mag.linkLocal,
    parameters: networkParameters(configuration),
    stationMaximum: DEFAULT_STATION_MAXIMUM,
    detection: mag.detection,
    ...(configuration.ipv6UnicastRouting === false && { routesIpv6: false }),
  };
}

function forwardingOf(
  lmas: readonly LmaConfig[],
  mags: readonly MagConfig[],
  configuration: Configuration,
  report: Report,
): NodeForwarding {
  const nodes = [...lmas, ...mags];
  const accessNames = new Set(mags.flatMap(({ interfaces }) => interfaces.map(({ name }) => name)));
  const tcpMss = tcpMssOf(configuration.interfaces.filter(({ name }) => !accessNames.has(name)));
  const tunnelFilters = tunnelFiltersOf(configuration, report);
  const tunnelMtus = [...mags.map(({ tunnelMtu }) => tunnelMtu), ...lmas.map((lma) => tunnelMtuOf(lma, configuration))];
  const ecnCompatibility = ecnCompatibilityOf(lmas, mags, configuration);
  const pools6 = lmas.flatMap(({ pools }) => pools.ipv6.map((pool) => pool.prefix.network));
  return {
    pools: {
      ipv4: lmas.flatMap(({ pools }) => pools.ipv4.map((pool) => new Ipv4Prefix(pool.low, pool.prefixLength).network)),
      ipv6: pools6,
    },
    lent: [
      ...lmas.flatMap(({ pools }) => pools.ipv4.flatMap(({ low, high }) => Ipv4Prefix.ofRange(low, high))),
      ...pools6,
    ],
    accessInterfaces: mags.flatMap((mag) =>
      mag.interfaces.map(({ name, linkName }) => {
        const held = configuration.interfaces.find((one) => one.name === name);
        const tcpMss = tcpMssOf(configuration.interfaces.filter((one) => one.name === name));
        const addresses = [...(held?.ipv4Address ? [held.ipv4Address] : []), ...(held?.ipv6Addresses ?? [])];
        const { vlan } = linuxInterfaceOf(name, configuration);
        const settings = { name, linkName, mac: mag.linkLayer, linkLocal: mag.linkLocal, addresses };
        const localRouting = routesLocally(mag, configuration);
        return { ...settings, ...(vlan && { vlan }), ...(tcpMss && { tcpMss }), localRouting };
      }),
    ),
    ...(configuration.ipv6UnicastRouting === false && { routesIpv6: false }),
    localAddresses: nodes.flatMap(({ addresses }) => [addresses.ipv6 ?? [], addresses.ipv4 ?? []].flat()),
    tunnelMtu: tunnelMtus.length > 0 ? Math.min(...tunnelMtus) : DEFAULT_TUNNEL_MTU,
    ...(ecnCompatibility.length > 0 && { ecnCompatibility }),
    ...(tcpMss && { tcpMss }),
    ...(tunnelFilters && { tunnelFilters }),
    maximumBindings: Math.max(1, ...nodes.map(({ bindingMaximum }) => bindingMaximum)),
  };
}

/** `local-routing-mag` of the MAG or of its domain. */
function routesLocally({ name, domain }: MagConfig, { mags, domains }: Configuration): boolean {
  const own = mags.find((mag) => mag.name === name);
  return own?.localRouting === true || domains.some((each) => each.name === domain && each.localRouting);
}

/** The smallest of what these interfaces say; `undefined` when they say nothing. */
function tcpMssOf(interfaces: readonly InterfaceConfiguration[]): TcpMss | undefined {
  const ipv4 = interfaces.flatMap(({ tcpMss }) => tcpMss ?? []);
  const ipv6 = interfaces.flatMap(({ ipv6TcpMss }) => ipv6TcpMss ?? []);
  if (ipv4.length + ipv6.length === 0) return undefined;
  return { ...(ipv4.length > 0 && { ipv4: Math.min(...ipv4) }), ...(ipv6.length > 0 && { ipv6: Math.min(...ipv6) }) };
}

function tunnelMtuOf({ name }: LmaConfig, { lmas }: Configuration): number {
  return lmas.find((one) => one.name === name)?.tunnelMtu ?? DEFAULT_TUNNEL_MTU;
}
