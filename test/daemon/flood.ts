/** A process that sends heartbeats as fast as it can: `flood.ts ipv6|ipv4 LOCAL REMOTE`; ends when it is killed. */
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { encodeMobilityHeader } from '#wire/mobility/index.ts';

const [family, local = '', remote = ''] = process.argv.slice(2);
const message = encodeMobilityHeader({
  kind: 'heartbeat',
  response: false,
  unsolicited: false,
  sequence: 0,
  options: [],
});
const send = family === 'ipv6' ? overIpv6() : overIpv4();
process.stdout.write('sending\n');
for (;;) send();

function overIpv6(): () => void {
  const socket = new MobilitySocket(Ipv6Address.parse(local) as Ipv6Address, () => {});
  const to = Ipv6Address.parse(remote) as Ipv6Address;
  return () => socket.queue(to, message);
}

function overIpv4(): () => void {
  const socket = new UdpSignallingSocket(Ipv4Address.parse(local) as Ipv4Address, () => {});
  const to = Ipv4Address.parse(remote) as Ipv4Address;
  return () => socket.queue(to, message);
}
