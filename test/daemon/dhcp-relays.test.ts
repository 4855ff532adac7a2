import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { DhcpRelays } from '#daemon/dhcp-relays.ts';
import { PollLoop } from '#host/poll-loop.ts';
import type { AccessConfig } from '#proto/access/events.ts';
import { v6 } from '../proto/mag/dialogue.ts';

const isRoot = process.getuid?.() === 0;
const LOCAL = Ipv4Address.parse('127.82.19.2') as Ipv4Address;
const SERVER = Ipv4Address.parse('127.82.19.3') as Ipv4Address;

describe.skipIf(!isRoot)('sockets towards DHCP servers (root)', () => {
  it('are opened as soon as a mobile node has a server of its own, and closed with the last address to relay from', async () => {
    const unexpected = (...what: unknown[]) => {
      throw new Error(String(what));
    };
    const relays = new DhcpRelays(new PollLoop(), {
      message: unexpected,
      sendFailed: unexpected,
      unusable: unexpected,
    });
    const server = createSocket('udp4').bind(67, SERVER.toString());
    await once(server, 'listening');
    relays.configure([config([{ name: 'acc', relayFrom: LOCAL }])]);
    expect(relays.snapshot()).toEqual([]);
    relays.queue({ kind: 'relay', local: LOCAL, server: SERVER, payload: Uint8Array.of(1, 2, 3) });
    relays.flush();
    const [octets, { address, port }] = await once(server, 'message');
    expect([...octets, address, port]).toEqual([1, 2, 3, LOCAL.toString(), 67]);
    expect(relays.snapshot()).toMatchObject([{ socket: `dhcp-relay ${LOCAL}`, sent: 1 }]);
    relays.configure([config([{ name: 'acc', relayFrom: LOCAL }])]);
    expect(relays.snapshot()).toHaveLength(1);
    relays.configure([config([{ name: 'acc' }])]);
    expect(relays.snapshot()).toEqual([]);
    server.close();
    relays.close();
  });
});

function config(interfaces: AccessConfig['interfaces']): AccessConfig {
  const linkLayer = MacAddress.pmipv6Mag;
  return { interfaces, linkLayer, linkLocal: v6('fe80::1'), parameters: [], stationMaximum: 10 };
}
