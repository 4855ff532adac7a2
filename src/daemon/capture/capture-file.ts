import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { shortMessageName } from '#cli/decode-message-name.ts';
import { dissect, MOBILITY_UDP_PORT } from '#cli/decode-packet.ts';
import { safeText, textOrHex } from '#cli/decode-text.ts';
import { LinkType } from '#wire/capture-file.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import {
  findOption,
  findOptions,
  MOBILITY_PROTOCOL,
  type MobilityMessage,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';
import { PcapngWriter } from '#wire/pcapng-writer.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import type { ControlRequest } from '../control-protocol.ts';
import type { CapturedMessageRow, CapturedRow, CapturedRows } from './requests.ts';

const HOP_LIMIT = 64;

type Ask = (request: ControlRequest) => Promise<unknown>;

/** All of a capture, in portions. Throws as `ask` does. */
export async function* readCapture(ask: Ask, name: string): AsyncGenerator<readonly CapturedRow[]> {
  for (let from: CapturedRows['next'] | undefined; ; ) {
    const { rows, next } = (await ask({ request: 'captured', name, ...(from && { from }) })) as CapturedRows;
    if (rows.length === 0) return;
    yield rows;
    from = next;
  }
}

/** A pcapng file, piece by piece: each message and packet has a comment that names its binding. Throws as the reading of `portions` does. */
export async function* captureFile(
  portions: AsyncIterable<readonly CapturedRow[]> | Iterable<readonly CapturedRow[]>,
): AsyncGenerator<Uint8Array> {
  const writer = new PcapngWriter();
  yield writer.header();
  for await (const rows of portions)
    yield Buffer.concat(
      rows.map((row) =>
        writer.record({
          seconds: Math.floor(row.at / 1000),
          nanoseconds: Math.round((row.at % 1000) * 1e6),
          linkType: LinkType.RAW,
          bytes: packetOf(row),
          direction: row.direction === 'sent' ? 'outbound' : 'inbound',
          comment: commentOf(row),
          ...(row.kind === 'packet'
            ? { originalLength: row.length, interfaceName: row.interface }
            : { interfaceName: 'signalling' }),
        }),
      ),
    );
}

/** As it was on the wire, but for what only the kernel knows of its header: hop limit and traffic class. */
export function packetOf(row: CapturedRow): Uint8Array {
  const octets = octetsOf(row);
  return row.kind === 'packet' ? octets : messagePacket(row, octets);
}

function messagePacket(row: CapturedMessageRow, octets: Uint8Array): Uint8Array {
  const sent = row.direction === 'sent';
  const [from, to] = sent ? [row.local, row.remote] : [row.remote, row.local];
  const [source4, destination4] = [Ipv4Address.parse(from), Ipv4Address.parse(to)];
  if (source4 && destination4) {
    const port = row.port ?? MOBILITY_UDP_PORT;
    const [sourcePort, destinationPort] = sent ? [MOBILITY_UDP_PORT, port] : [port, MOBILITY_UDP_PORT];
    const route = { source: source4, destination: destination4 };
    const payload = encodeUdp({ ...route, sourcePort, destinationPort, payload: octets });
    return encodeIpv4({ ...route, protocol: UDP_PROTOCOL, ttl: HOP_LIMIT, payload });
  }
  const route = { source: Ipv6Address.parse(from) as Ipv6Address, destination: Ipv6Address.parse(to) as Ipv6Address };
  // The kernel fills it in after the message has passed here.
  if (sent) setMobilityChecksum(route.source, route.destination, octets);
  return encodeIpv6({ ...route, nextHeader: MOBILITY_PROTOCOL, hopLimit: HOP_LIMIT, payload: octets });
}

/** `PBU sent; binding of "mn1@example.com", 0024d78e21a4, 192.0.2.1, 2001:db8:f00d::/64`. */
export function commentOf(row: CapturedRow): string {
  if (row.kind === 'packet')
    return `data ${row.tunnelled ? 'in a tunnel ' : ''}${row.direction}; binding of ${row.binding}`;
  const [layer] = dissect(octetsOf(row), 'mobility').layers;
  if (layer?.protocol !== 'mobility') return `malformed message ${row.direction}`;
  const what = `${shortMessageName(layer.value)} ${row.direction}`;
  const binding = bindingOf(layer.value);
  return binding.length > 0 ? `${what}; binding of ${binding.join(', ')}` : `${what}; path to ${row.remote}`;
}

function octetsOf({ octets }: CapturedRow): Uint8Array {
  return new Uint8Array(Buffer.from(octets, 'base64'));
}

function bindingOf(message: MobilityMessage): string[] {
  if (message.kind === 'unknown-mobility-message') return [];
  const { options } = message;
  const name = findOption(options, 'mobile-node-identifier')?.identifier;
  const link = findOption(options, 'mobile-node-link-layer-identifier')?.identifier;
  const home = findOption(options, 'ipv4-home-address-reply') ?? findOption(options, 'ipv4-home-address-request');
  return [
    ...(name ? [safeText(textOrHex(name))] : []),
    ...(link ? [safeText(textOrHex(link))] : []),
    ...(home && !home.address.isUnspecified ? [`${home.address}`] : []),
    ...findOptions(options, 'home-network-prefix').flatMap(({ prefix }) =>
      prefix.address.isUnspecified ? [] : [`${prefix}`],
    ),
  ];
}
