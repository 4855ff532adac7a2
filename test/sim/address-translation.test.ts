/** A NAT in front of a gateway, which rewrites the port of data too, and forgets. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { LmaConfig, NaiProfile } from '#proto/lma/events.ts';
import { DHCLIENT } from '#sim/dhcp-client.ts';
import { lmaConfig, lmaIpv4Address, magConfig, magInsideAddress, magIpv4Address } from '#sim/domain.ts';
import { PERFECT_LINK } from '#sim/link.ts';
import type { LmaNode } from '#sim/lma-node.ts';
import type { MagNode } from '#sim/mag-node.ts';
import type { MobileNode } from '#sim/mobile-node.ts';
import { udpOverIpv4 } from '#sim/udp-over-ipv4.ts';
import { RADIO_LINK, World } from '#sim/world.ts';

const CORRESPONDENT = Ipv4Address.parse('198.51.100.77') as Ipv4Address;
const MAC = new MacAddress(0x0024, 0xd78e2100);
const INSIDE = magInsideAddress(0);
const OUTSIDE = magIpv4Address(0);

let world: World;
let lma: LmaNode;
let mag: MagNode;
let node: MobileNode;
const heard = vi.fn();

/** Whether a packet that nobody asked for reaches the mobile node. */
function reaches(): boolean {
  heard.mockClear();
  const address = node.homeAddress as Ipv4Address;
  lma.fromInternet(udpOverIpv4(CORRESPONDENT, address, 7777, 7777, new Uint8Array(8)));
  world.scheduler.run(seconds(1));
  return heard.mock.calls.length > 0;
}

function port(): { port: number; moves: number } | undefined {
  const [forwarding] = lma.forwarder.dataPlane.forwardings();
  return forwarding && lma.forwarder.dataPlane.translatedPort(forwarding.paths[0]);
}

beforeEach(() => {
  const nai = 'mn1@example.com';
  const profiles: NaiProfile[] = [{ nai, service: 'dual' }];
  const tunnel: LmaConfig['tunnel'] = { gre: 'asked', udp: true };
  const ipv4 = lmaIpv4Address(0);
  const peers = [{ name: 'mag1', ipv4: OUTSIDE }];
  const anchor = lmaConfig(0, 1, { profiles, tunnel, peers, addresses: { ipv4 } });
  const lmas = [{ name: anchor.name, ipv4, tunnel: { transport: 'ipv4-udp', mode: 'udp' } as const }];
  const localProfiles = [{ mac: MAC, nai }];
  world = new World({
    seed: 1,
    lmas: [anchor],
    mags: [magConfig(0, 1, { profiles, localProfiles, lmas, addresses: { ipv4: INSIDE } })],
    mobileNodes: [{ name: 'mn1', mac: MAC, dhcp: DHCLIENT }],
    transport: () => ({ ...PERFECT_LINK, delay: milliseconds(1) }),
    radio: RADIO_LINK,
    translations: [{ inside: INSIDE, outside: OUTSIDE }],
  });
  [lma, mag, node] = [world.lmas[0] as LmaNode, world.mags[0] as MagNode, world.mobileNodes[0] as MobileNode];
  node.onDatagram = heard;
  node.onForeignDatagram = heard;
  node.attach(mag.name);
  world.scheduler.run(seconds(10));
});

describe('a gateway behind a NAT', () => {
  it('is sent data at the port that the NAT gives it before its mobile node has sent anything', () => {
    expect(port()).toMatchObject({ moves: 1 });
    expect(port()?.port).toBeGreaterThanOrEqual(40_000);
    expect(reaches()).toBe(true);
  });

  it('is still reached after a long silence, as it keeps the state of the NAT', () => {
    world.scheduler.run(seconds(900));
    expect(reaches()).toBe(true);
    expect(port()?.moves).toBe(1);
  });

  it('is reached again within 20 s when the NAT forgot', () => {
    world.network.rebind(INSIDE);
    expect(reaches()).toBe(false);
    world.scheduler.run(seconds(20));
    expect(reaches()).toBe(true);
    expect(port()?.moves).toBe(2);
  });

  it('is reached again after a restart of the anchor, and of itself', () => {
    lma.crash();
    lma.start();
    world.scheduler.run(seconds(20));
    expect(reaches()).toBe(true);
    mag.crash();
    mag.start();
    world.network.rebind(INSIDE);
    world.scheduler.run(seconds(20));
    expect(reaches()).toBe(true);
  });
});
