import type { VrfRow } from '#cli/show/index.ts';
import type { Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

/** The VRFs that are defined, and those that are only named. */
export function vrfs(node: Node, { name }: ShowFilter): VrfRow[] {
  const { vrfs: defined, mags } = node.configuration;
  const lmas = mags.flatMap((mag) => mag.lmas.map(({ name: lma, vrf }) => ({ vrf, peer: `${mag.name}/${lma}` })));
  const named = lmas.flatMap(({ vrf }) => vrf ?? []);
  const names = [...new Set([...defined.map((vrf) => vrf.name), ...named])].toSorted();
  return names
    .filter((vrf) => name === undefined || vrf === name)
    .map((vrf) => {
      const description = defined.find((one) => one.name === vrf)?.description;
      return {
        name: vrf,
        table: node.vrfs.find((one) => one.name === vrf)?.table ?? null,
        ...(description !== undefined && { description }),
        peers: lmas.filter((one) => one.vrf === vrf).map(({ peer }) => peer),
      };
    });
}
