import { createSocket } from 'node:dgram';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { peerPath } from '#proto/peer.ts';
import { type Check, type Finding, ok, type Patient, warning } from './finding.ts';

const PORT = 5436;

/** Whether there are routes to the peers. Nothing is sent. */
export const peers: Check = {
  name: 'peers',
  async examine(patient) {
    const all = paths(patient);
    const found = await Promise.all(all.map(({ name, address }) => withoutRoute(name, address)));
    const bad = found.filter((finding) => finding !== undefined);
    if (bad.length > 0 || all.length === 0) return bad;
    return [ok(`there are routes to all peers (${new Set(all.map(({ address }) => address.key)).size})`)];
  },
};

function paths({ node }: Patient): { readonly name: string; readonly address: IpAddress }[] {
  const { lmas, mags } = node?.assembly ?? { lmas: [], mags: [] };
  const nodes = [
    ...lmas.map(({ addresses, peers: list }) => ({ addresses, list })),
    ...mags.map(({ mag }) => ({ addresses: mag.addresses, list: mag.lmas })),
  ];
  return nodes.flatMap(({ addresses, list }) =>
    list.flatMap((peer) => {
      const path = peerPath(addresses, peer);
      return path ? [{ name: peer.name, address: path.remote }] : [];
    }),
  );
}

function withoutRoute(name: string, address: IpAddress): Promise<Finding | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(address instanceof Ipv4Address ? 'udp4' : 'udp6');
    const end = (finding: Finding | undefined) => {
      socket.close();
      resolve(finding);
    };
    socket.once('error', () => end(undefined));
    socket.connect(PORT, address.toString(), (failure?: Error) => {
      if (!failure) end(undefined);
      else
        end(
          warning(`there is no route to ${name} (${address})`, `ip route get ${address}; add a route to its network`),
        );
    });
  });
}
