import type { IpAddress } from '#base/ip-address.ts';
import type { Configuration } from '#config/index.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';

/** Of the nodes and the peers with `tunnel ecn compatibility`: the ends of their tunnels. */
export function ecnCompatibilityOf(
  lmas: readonly LmaConfig[],
  mags: readonly MagConfig[],
  configuration: Configuration,
): IpAddress[] {
  const ofLmas = lmas.flatMap(({ name, addresses, peers }) => {
    const own = configuration.lmas.find((lma) => lma.name === name);
    return own?.ecnCompatibility ? [addresses] : peers.filter(isMarked(own?.mags));
  });
  const ofMags = mags.flatMap(({ name, addresses, lmas: peers }) => {
    const own = configuration.mags.find((mag) => mag.name === name);
    return own?.ecnCompatibility ? [addresses] : peers.filter(isMarked(own?.lmas));
  });
  return [...ofLmas, ...ofMags].flatMap(({ ipv6, ipv4 }) => [ipv6 ?? [], ipv4 ?? []].flat());
}

type Marked = readonly { readonly name: string; readonly ecnCompatibility?: true }[];

function isMarked(configured: Marked = []): (peer: { readonly name: string }) => boolean {
  return ({ name }) => configured.some((one) => one.name === name && one.ecnCompatibility);
}
