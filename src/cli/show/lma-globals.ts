import { inSeconds } from '#base/time.ts';
import { type Configuration, lmaDefaults, magDefaults } from '#config/index.ts';
import type { DomainView } from '#proto/aaa/domain-loader.ts';
import {
  type CommonGlobals,
  commonTail,
  domainGlobals,
  domainLines,
  marked,
  type PeerGlobals,
  peersWith,
  protectionTexts,
  revocationGlobals,
  undefinedTexts,
  warningLines,
} from './globals.ts';
import { enabled, field, separator, text } from './layout.ts';

/** What `show ipv6 mobile pmipv6 lma globals` shows of one LMA; plain JSON. */
export interface LmaGlobals {
  readonly domain: string;
  readonly domainDefined: boolean;
  /** Absent where the domain is not loaded from AAA. */
  readonly domainFromAaa?: DomainView;
  readonly name: string;
  readonly aaaAccounting: boolean;
  readonly aaaAuthorization: boolean;
  readonly defaultProfile: string | null;
  readonly defaultProfileDefined: boolean;
  /** Where it is not the default. */
  readonly updateRate: { readonly perSecond: number; readonly burst: number | null } | null;
  /** Towards the correspondent nodes; empty: all of them. */
  readonly interfaces: readonly string[];
  readonly networks: readonly NetworkGlobals[];
  readonly settings: LmaSettings;
  readonly peers: readonly PeerGlobals<LmaSettings>[];
  /** What is not defined, and what is to be said of the protection of the signalling; for people. */
  readonly warnings: readonly string[];
}

interface NetworkGlobals {
  readonly name: string;
  readonly ipv4Pool: PoolGlobals | null;
  readonly ipv6Pool: PoolGlobals | null;
}

interface PoolGlobals {
  readonly name: string;
  readonly prefixLength: number;
  /** False when no such pool is configured. */
  readonly defined: boolean;
}

interface LmaSettings extends CommonGlobals {
  readonly maximumPrefixes: number;
  readonly deleteWait: number;
  readonly createWait: number;
}

/** The globals of every LMA of the node, or of the one called `name`. */
export function lmaGlobals(configuration: Configuration, name?: string): LmaGlobals[] {
  return configuration.lmas
    .filter((lma) => name === undefined || lma.name === name)
    .map((lma) => {
      const domain = configuration.domains.find((each) => each.name === lma.domain);
      const settings: LmaSettings = {
        maximumPrefixes: lma.prefixMaximum ?? lmaDefaults.prefixMaximum,
        maximumBindings: lma.bindingMaximum ?? lmaDefaults.bindingMaximum,
        lifetimeSeconds: inSeconds(lma.maximumLifetime ?? lmaDefaults.maximumLifetime),
        deleteWait: lma.deleteWait ?? lmaDefaults.deleteWait,
        createWait: lma.createWait ?? lmaDefaults.createWait,
        ...revocationGlobals(lma.bri, lmaDefaults.bri),
        ...domainGlobals(domain, lma),
        refreshTimeSeconds: inSeconds(lma.refreshTime ?? lmaDefaults.refreshTime),
        retransmitInitial: magDefaults.retransmitInitial,
        retransmitMaximum: magDefaults.retransmitMaximum,
      };
      return {
        domain: lma.domain,
        domainDefined: domain !== undefined,
        name: lma.name,
        aaaAccounting: lma.accounting,
        aaaAuthorization: lma.authorization,
        defaultProfile: lma.defaultProfile ?? null,
        defaultProfileDefined: domain?.profiles.some(({ nai }) => nai === lma.defaultProfile) ?? false,
        updateRate: lma.updateRate ? { burst: null, ...lma.updateRate } : null,
        interfaces: lma.interfaces.map((each) => each.name),
        networks: lma.networks.map((network) => ({
          name: network.name,
          ipv4Pool: pool(network.ipv4Pool, configuration.ipv4Pools),
          ipv6Pool: pool(network.ipv6Pool, configuration.ipv6Pools),
        })),
        settings,
        peers: peersWith(lma.mags, domain?.mags ?? [], settings),
        warnings: [...undefinedTexts(configuration, 'lma', lma), ...protectionTexts(configuration, 'lma', lma.name)],
      };
    });
}

export function renderLmaGlobals(globals: readonly LmaGlobals[]): string {
  return text(globals.flatMap(lmaLines));
}

function lmaLines(lma: LmaGlobals): string[] {
  return [
    separator,
    `Domain : ${marked(lma.domain, lma.domainDefined)}`,
    '',
    `LMA Identifier : ${lma.name}`,
    ...domainLines(lma.domainFromAaa),
    field('AAA Accounting', lma.aaaAccounting ? 'Enabled' : 'Disabled'),
    ...(lma.aaaAuthorization ? [field('AAA Authorization', 'Enabled')] : []),
    ...(lma.defaultProfile === null
      ? []
      : [field('Default MN Profile', marked(lma.defaultProfile, lma.defaultProfileDefined))]),
    ...(lma.updateRate === null ? [] : [field('PBU rate of a MAG', `${lma.updateRate.perSecond} (per sec)`)]),
    ...lma.interfaces.map((name) => field('Correspondents at interface', name)),
    ...lma.networks.flatMap((network) => [
      field('Network', network.name),
      ...poolLines('IPv4 Pool Name', network.ipv4Pool),
      ...poolLines('IPv6 Pool Name', network.ipv6Pool),
    ]),
    ...settingsLines(lma.settings),
    ...lma.peers.flatMap(({ peer, settings }) => ['', `Peer : ${peer}`, ...settingsLines(settings)]),
    ...warningLines(lma.warnings),
    '',
  ];
}

function settingsLines(settings: LmaSettings): string[] {
  return [
    field('Max. HNPs', settings.maximumPrefixes),
    field('Max Bindings', settings.maximumBindings),
    field('AuthOption', enabled(settings.authentication)),
    field('RegistrationLifeTime', `${settings.lifetimeSeconds} (sec)`),
    field('DeleteTime', `${settings.deleteWait} (msec)`),
    field('CreateTime', `${settings.createWait} (msec)`),
    ...commonTail(settings),
  ];
}

function pool(
  reference: { readonly pool: string; readonly prefixLength: number } | undefined,
  pools: readonly { readonly name: string }[],
): PoolGlobals | null {
  if (!reference) return null;
  const defined = pools.some((each) => each.name === reference.pool);
  return { name: reference.pool, prefixLength: reference.prefixLength, defined };
}

function poolLines(label: string, pool: PoolGlobals | null): string[] {
  if (!pool) return [];
  return [field(label, marked(pool.name, pool.defined)), field('Prefix Length', pool.prefixLength)];
}
