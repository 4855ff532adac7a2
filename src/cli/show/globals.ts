import type { Ipv6Address } from '#base/ipv6-address.ts';
import { inSeconds } from '#base/time.ts';
import {
  type Configuration,
  type DomainConfiguration,
  domainDefaults,
  type Encapsulation,
  type PeerConfiguration,
  protectionWarnings,
  type ReplayProtection,
  type RevocationConfiguration,
  signallingProtection,
  undefinedReferences,
} from '#config/index.ts';
import type { DomainView } from '#proto/aaa/domain-loader.ts';
import { encapsulationLabel } from './encapsulation.ts';
import { enabled, field } from './layout.ts';

/** The settings that the globals of an LMA, of a MAG and of each of their peers show alike. Seconds or milliseconds, as printed. */
export interface CommonGlobals {
  readonly maximumBindings: number;
  readonly authentication: boolean;
  readonly lifetimeSeconds: number;
  readonly briMinimumDelay: number;
  readonly briMaximumDelay: number;
  readonly briRetries: number;
  readonly encapsulation: Encapsulation;
  /** As `0000.5e00.5213`. */
  readonly fixedLinkLayer: string;
  /** The four 32-bit words; all of them 0 when the LMA chooses it. */
  readonly fixedLinkLocal: readonly number[];
  readonly refreshTimeSeconds: number;
  readonly retransmitInitial: number;
  readonly retransmitMaximum: number;
  readonly timestamp: boolean;
  readonly timestampWindowSeconds: number;
}

/** A peer, with the settings that hold towards it. */
export interface PeerGlobals<Settings> {
  readonly peer: string;
  /** In which it is reached. */
  readonly vrf?: string;
  readonly settings: Settings;
}

export function revocationGlobals(own: RevocationConfiguration, defaults: Required<RevocationConfiguration>) {
  const { minimumDelay, maximumDelay, retries } = { ...defaults, ...own };
  return { briMinimumDelay: minimumDelay, briMaximumDelay: maximumDelay, briRetries: retries };
}

/** What a node takes from its domain where it says nothing itself. */
export function domainGlobals(
  domain: DomainConfiguration | undefined,
  own: { readonly replayProtection?: ReplayProtection; readonly encapsulation?: Encapsulation },
) {
  const replay = own.replayProtection ?? domain?.replayProtection ?? { timestamp: true };
  const window = (replay.timestamp ? replay.window : undefined) ?? domainDefaults.timestampWindow;
  return {
    authentication: domain?.authentication !== undefined,
    encapsulation: own.encapsulation ?? domain?.encapsulation ?? ('ipv6-in-ipv6' as const),
    fixedLinkLayer: (domain?.fixedLinkLayer ?? domainDefaults.fixedLinkLayer).toCiscoString(),
    fixedLinkLocal: words(domain?.fixedLinkLocal ?? domainDefaults.fixedLinkLocal),
    timestamp: replay.timestamp,
    timestampWindowSeconds: inSeconds(window),
  };
}

/** The node's settings, once for each peer, with what the peer has for itself. */
export function peersWith<Settings extends CommonGlobals>(
  peers: readonly PeerConfiguration[],
  domainNodes: readonly { readonly name: string }[],
  settings: Settings,
): PeerGlobals<Settings>[] {
  const described = domainNodes.filter((node) => !peers.some((peer) => peer.name === node.name));
  const own = peers.map((peer) => ({
    peer: peer.name,
    ...(peer.vrf !== undefined && { vrf: peer.vrf }),
    settings: {
      ...settings,
      ...(peer.encapsulation && { encapsulation: peer.encapsulation }),
      ...(peer.authentication && { authentication: true }),
    },
  }));
  return [...own, ...described.map(({ name }) => ({ peer: name, settings }))];
}

/** What is to be said of the protection of a node's signalling, one text for each thing. */
export function protectionTexts(configuration: Configuration, kind: 'lma' | 'mag', name: string): string[] {
  const found = signallingProtection(configuration).filter((node) => node.kind === kind && node.name === name);
  return found.flatMap(protectionWarnings).map(({ severity, text, advice }) => {
    return `${severity === 'error' ? 'WARNING' : 'Warning'}: ${text}; ${advice}`;
  });
}

/** What a node and its domain name that is not defined, one text for each thing. */
export function undefinedTexts(
  configuration: Configuration,
  kind: 'lma' | 'mag',
  { name, domain }: { readonly name: string; readonly domain: string },
): string[] {
  const sections = [`ipv6 mobile pmipv6-${kind} ${name} domain ${domain}`, `ipv6 mobile pmipv6-domain ${domain}`];
  const found = undefinedReferences(configuration).filter(({ section }) => sections.includes(section));
  return [...new Set(found.map(({ message }) => `Warning: ${message}`))];
}

/** A name with a mark when it names nothing. */
export function marked(name: string, defined: boolean): string {
  return defined ? name : `${name} (not defined)`;
}

/** How a domain that is loaded from AAA stands; nothing for any other. */
export function domainLines(view: DomainView | undefined): string[] {
  return view ? [field('Domain from AAA', domainText(view))] : [];
}

/** `loaded 12 s ago`, or why not. */
export function domainText({ state, loadedSecondsAgo, problem, attempts, nextSeconds }: DomainView): string {
  const loaded = {
    waiting: 'not loaded',
    loaded: `loaded ${loadedSecondsAgo} s ago`,
    kept: loadedSecondsAgo === undefined ? 'as of a former run' : `as loaded ${loadedSecondsAgo} s ago`,
  }[state];
  if (problem === undefined) return state === 'loaded' ? loaded : `${loaded}; the AAA server is being asked`;
  const times = attempts === 1 ? 'asked once' : `asked ${attempts} times`;
  return `${loaded}: ${problem}; ${times}, ${nextSeconds === undefined ? 'and now again' : `again in ${nextSeconds} s`}`;
}

/** As IOS marks what it says of itself. */
export function warningLines(warnings: readonly string[]): string[] {
  return warnings.length === 0 ? [] : ['', ...warnings.map((warning) => `% ${warning}`)];
}

/** From `BRI InitDelayTime` on, the lines are the same everywhere. */
export function commonTail(settings: CommonGlobals): string[] {
  return [
    field('BRI InitDelayTime', `${settings.briMinimumDelay} (msec)`),
    field('BRI MaxDelayTime', `${settings.briMaximumDelay} (msec)`),
    field('BRI MaxRetries', settings.briRetries),
    field('BRI EncapType', encapsulationLabel(settings.encapsulation)),
    field('Fixed Link address is', 'enabled'),
    field('Fixed Link address', settings.fixedLinkLayer),
    field('Fixed Link Local address is', enabled(settings.fixedLinkLocal.some((word) => word !== 0))),
    field('Fixed Link local address', settings.fixedLinkLocal.map(hexWord).join(' ')),
    field('RefreshTime', `${settings.refreshTimeSeconds} (sec)`),
    field('Refresh RetxInit time', `${settings.retransmitInitial} (msec)`),
    field('Refresh RetxMax time', `${settings.retransmitMaximum} (msec)`),
    field('Timestamp option', enabled(settings.timestamp)),
    field('Validity Window', settings.timestampWindowSeconds),
  ];
}

function words(address: Ipv6Address): number[] {
  return [address.w0, address.w1, address.w2, address.w3].map((word) => word >>> 0);
}

function hexWord(word: number): string {
  return `0x${word.toString(16).toUpperCase()}`;
}
