import { expect, it } from 'vitest';
import { encapsulate } from '#dataplane/encapsulation.ts';
import { readIpHeader } from '#dataplane/ip-packet.ts';
import { type BindingWay, type FateTables, packetFate } from '#dataplane/packet-fate.ts';
import { anchored, attached, CORRESPONDENT4, ipv4 } from './bed.ts';
import { udpPacket } from './packets.ts';

const HOME = ipv4('192.0.2.1');
const [path] = attached.paths;
const way: BindingWay = { path, receiveKey: 0, here: true };
const elsewhere = { ...way, here: false };

function tables(kind: 'anchor' | 'access', binding: BindingWay | undefined): FateTables {
  return {
    binding: (asked, target) => (asked === kind && `${target}` === `${HOME}` ? binding : undefined),
    isPeer: (address) => address.key === path.remote.key,
    isLocal: (address) => address.key === path.local.key,
  };
}

function fromPeer(inner: Uint8Array, ends = { local: path.remote, remote: path.local }): Uint8Array {
  const header = readIpHeader(inner) as NonNullable<ReturnType<typeof readIpHeader>>;
  return encapsulate(inner, header, { ...path, ...ends });
}

const up = udpPacket(HOME, CORRESPONDENT4);
const down = udpPacket(CORRESPONDENT4, HOME);
const access = { way: 'input', access: true } as const;
const core = { way: 'input', access: false } as const;
const into = { kind: 'into-tunnel', local: path.local, remote: path.remote };

it('a packet of a mobile node goes into its tunnel, or is dropped', () => {
  expect(packetFate(up, access, tables('access', way))).toEqual(into);
  expect(packetFate(up, access, tables('access', elsewhere))).toEqual({ kind: 'dropped', reason: 'spoofed-source' });
  expect(packetFate(up, access, tables('access', undefined))).toEqual({ kind: 'dropped', reason: 'no-binding' });
  expect(packetFate(udpPacket(ipv4('0.0.0.0'), CORRESPONDENT4), access, tables('access', way)).kind).toBe('elsewhere');
});

it('a packet for a mobile node goes into its tunnel at the anchor, and to it at the gateway', () => {
  expect(packetFate(down, core, tables('anchor', way))).toEqual(into);
  expect(packetFate(down, { way: 'output', access: true }, tables('access', way))).toEqual({ kind: 'to-mobile-node' });
  expect(packetFate(down, core, tables('anchor', undefined))).toEqual({ kind: 'elsewhere' });
});

it('a tunnel packet comes out, or is dropped with the reason of the programs', () => {
  const out = { kind: 'out-of-tunnel', local: path.local, remote: path.remote };
  expect(packetFate(fromPeer(down), core, tables('access', way))).toEqual(out);
  expect(packetFate(fromPeer(up), core, tables('anchor', way))).toEqual(out);
  const reason = (packet: Uint8Array, binding: BindingWay | undefined) =>
    packetFate(packet, core, tables('access', binding));
  expect(reason(fromPeer(down), undefined)).toEqual({ kind: 'dropped', reason: 'tunnel-no-binding' });
  expect(reason(fromPeer(down), { ...way, receiveKey: 7 })).toEqual({ kind: 'dropped', reason: 'tunnel-wrong-key' });
  const group = udpPacket(CORRESPONDENT4, ipv4('239.1.2.3'));
  expect(reason(fromPeer(group), way)).toEqual({ kind: 'dropped', reason: 'multicast' });
  const fromNode = fromPeer(udpPacket(HOME, ipv4('239.1.2.3')));
  expect(packetFate(fromNode, core, tables('anchor', way))).toEqual({ kind: 'dropped', reason: 'multicast' });
  const [other] = anchored.paths;
  expect(reason(fromPeer(down), { ...way, path: { ...other, remote: other.local } })).toEqual({
    kind: 'dropped',
    reason: 'tunnel-wrong-peer',
  });
  expect(packetFate(fromPeer(down, { local: path.local, remote: path.remote }), core, tables('access', way)).kind).toBe(
    'into-tunnel',
  );
  expect(packetFate(Uint8Array.of(0x60, 1), core, tables('access', way))).toEqual({
    kind: 'dropped',
    reason: 'malformed',
  });
});
