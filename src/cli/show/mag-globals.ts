import { inSeconds } from '#base/time.ts';
import { type Configuration, magDefaults, retransmissionsOf } from '#config/index.ts';
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

/** What `show ipv6 mobile pmipv6 mag globals` shows of one MAG; plain JSON. */
export interface MagGlobals {
  readonly domain: string;
  readonly domainDefined: boolean;
  /** Absent where the domain is not loaded from AAA. */
  readonly domainFromAaa?: DomainView;
  readonly name: string;
  /** `null`: a silent mobile node is not looked for. Seconds. */
  readonly detection: { readonly period: number; readonly timeout: number; readonly retries: number } | null;
  readonly localRouting: boolean;
  readonly interfaces: readonly string[];
  readonly settings: CommonGlobals;
  readonly peers: readonly PeerGlobals<CommonGlobals>[];
  /** Those that are defined on the node. */
  readonly vrfs: readonly string[];
  /** What is not defined, and what is to be said of the protection of the signalling; for people. */
  readonly warnings: readonly string[];
}

/** The globals of every MAG of the node, or of the one called `name`. */
export function magGlobals(configuration: Configuration, name?: string): MagGlobals[] {
  return configuration.mags
    .filter((mag) => name === undefined || mag.name === name)
    .map((mag) => {
      const domain = configuration.domains.find((each) => each.name === mag.domain);
      const settings: CommonGlobals = {
        maximumBindings: mag.bindingMaximum ?? magDefaults.bindingMaximum,
        lifetimeSeconds: inSeconds(mag.lifetime ?? magDefaults.lifetime),
        ...revocationGlobals(mag.bri, magDefaults.bri),
        ...domainGlobals(domain, mag),
        refreshTimeSeconds: inSeconds(mag.refreshTime ?? magDefaults.refreshTime),
        ...retransmissionsOf(mag),
      };
      return {
        domain: mag.domain,
        domainDefined: domain !== undefined,
        name: mag.name,
        detection: mag.detection
          ? {
              period: inSeconds(mag.detection.pollInterval),
              timeout: inSeconds(mag.detection.timeout),
              retries: mag.detection.retries,
            }
          : null,
        localRouting: mag.localRouting || domain?.localRouting === true,
        interfaces: mag.interfaces.map((each) => each.name),
        settings,
        peers: peersWith(mag.lmas, mag.lmas.length > 0 ? [] : (domain?.lmas ?? []), settings),
        vrfs: configuration.vrfs.map((vrf) => vrf.name),
        warnings: [...undefinedTexts(configuration, 'mag', mag), ...protectionTexts(configuration, 'mag', mag.name)],
      };
    });
}

export function renderMagGlobals(globals: readonly MagGlobals[]): string {
  return text(globals.flatMap(magLines));
}

function magLines(mag: MagGlobals): string[] {
  return [
    separator,
    `Domain : ${marked(mag.domain, mag.domainDefined)}`,
    `Mag Identifier : ${mag.name}`,
    ...domainLines(mag.domainFromAaa),
    field("MN's detach discover", enabled(mag.detection !== null)),
    ...detectionLines(mag.detection),
    field('Local routing', enabled(mag.localRouting)),
    ...mag.interfaces.map((name) => field('Mag is enabled on interface', name)),
    ...settingsLines(mag.settings),
    ...mag.peers.flatMap(({ peer, vrf, settings }) => [
      '',
      `Peer : ${peer}`,
      ...(vrf === undefined ? [] : [field('VRF', marked(vrf, mag.vrfs.includes(vrf)))]),
      ...settingsLines(settings),
    ]),
    ...warningLines(mag.warnings),
    '',
  ];
}

function detectionLines(detection: MagGlobals['detection']): string[] {
  if (!detection) return [];
  return [
    field('Detach discover period', `${detection.period} (sec)`),
    field('Detach discover timeout', `${detection.timeout} (sec)`),
    field('Detach discover retries', detection.retries),
  ];
}

function settingsLines(settings: CommonGlobals): string[] {
  return [
    field('Max Bindings', settings.maximumBindings),
    field('AuthOption', enabled(settings.authentication)),
    field('RegistrationLifeTime', `${settings.lifetimeSeconds} (sec)`),
    ...commonTail(settings),
  ];
}
