import { createSocket } from 'node:dgram';
import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Vrf } from '#dataplane/desired.ts';
import { isWithin } from '#host/bpf-route-events.ts';
import { Netlink } from '#host/netlink.ts';
import { routesOf } from '#host/netlink-requests.ts';
import { peerPath } from '#proto/peer.ts';
import { type Check, type Finding, ok, type Patient, warning } from './finding.ts';

const PORT = 5436;

/** Whether there are routes to the peers. Nothing is sent. */
export const peers: Check = {
  name: 'peers',
  async examine(patient) {
    const all = paths(patient);
    const vrfs = patient.node?.assembly.forwarding.vrfs ?? [];
    const found = await Promise.all(
      all.map((peer) => {
        const vrf = vrfs.find(({ peers: reached }) => reached.some((one) => sameAddress(one, peer.address)));
        return vrf ? withoutRouteIn(vrf, peer) : withoutRoute(peer);
      }),
    );
    const bad = found.filter((finding) => finding !== undefined);
    if (bad.length > 0 || all.length === 0) return bad;
    return [ok(`there are routes to all peers (${new Set(all.map(({ address }) => address.key)).size})`)];
  },
};

interface Peer {
  readonly name: string;
  readonly address: IpAddress;
}

function paths({ node }: Patient): Peer[] {
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

/** The rules that lead to the table are there only while the daemon runs, so this looks into it. */
function withoutRouteIn({ name: vrf, table }: Vrf, { name, address }: Peer): Finding | undefined {
  const netlink = new Netlink();
  try {
    if (routesOf(netlink, table).some(({ destination }) => isWithin(destination, address))) return undefined;
  } finally {
    netlink.close();
  }
  return warning(
    `there is no route to ${name} (${address}) in VRF ${vrf} (table ${table})`,
    `ip route add ${address} via ROUTER dev INTERFACE table ${table}`,
  );
}

function withoutRoute({ name, address }: Peer): Promise<Finding | undefined> {
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
