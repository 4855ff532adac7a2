import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { attributesOf, Netlink, NetlinkError } from '#host/netlink.ts';
import {
  addAddress,
  addNeighbour,
  addRoute,
  addresses,
  links,
  nextHopTowards,
  ourObjects,
} from '#host/netlink-requests.ts';
import { moveLocalRule } from '#host/netlink-rules.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { AF_INET, ENODEV } from '#host/posix.ts';

const NAMESPACE = `mtdp${process.pid}-netlink`;
const ip = (...args: string[]) => spawnSync('ip', args, { encoding: 'utf8' });
const missing = process.getuid?.() !== 0 ? 'needs root' : ip('-V').status !== 0 ? 'needs iproute2' : undefined;
const LINK_LOCAL = Ipv6Address.parse('fe80::1') as Ipv6Address;
const HNP = Ipv6Prefix.parse('2001:db8:1::/64') as Ipv6Prefix;
const STATION = MacAddress.parse('02:00:00:00:00:01') as MacAddress;

describe('netlink attributes', () => {
  it('stop where a message is cut', () => {
    const message = Buffer.from([9, 9, 9, 9, 8, 0, 1, 0, 1, 2, 3, 4, 200, 0, 2, 0, 1]);
    expect([...attributesOf(message, 4)]).toEqual([[1, Buffer.from([1, 2, 3, 4])]]);
    expect(attributesOf(Buffer.from([0, 0, 0, 0]), 0).size).toBe(0);
  });
});

describe.skipIf(missing)(`rtnetlink${missing ? ` (${missing})` : ''}`, () => {
  let netlink: Netlink;
  let index: number;
  beforeAll(() => {
    ip('netns', 'del', NAMESPACE);
    ip('netns', 'add', NAMESPACE);
    ip('-n', NAMESPACE, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two');
    ip('-n', NAMESPACE, 'link', 'set', 'one', 'up');
    ip('-n', NAMESPACE, 'link', 'set', 'two', 'up');
    netlink = inNetworkNamespace(`/run/netns/${NAMESPACE}`, () => new Netlink());
    index = links(netlink).find(({ name }) => name === 'one')?.index as number;
  });
  afterAll(() => {
    netlink.close();
    ip('netns', 'del', NAMESPACE);
  });

  it('carries out a batch in order and says which requests failed, in the words of the kernel', () => {
    const route = (destination: string, device: number) =>
      addRoute({ destination: Ipv4Prefix.parse(destination) as Ipv4Prefix, device });
    const failures = netlink.batch([
      route('10.0.0.0/24', index),
      route('10.0.1.0/24', 9999),
      route('10.0.2.0/24', index),
    ]);
    expect(failures).toMatchObject([{ index: 1, errno: ENODEV, text: 'add route 10.0.1.0/24: ENODEV' }]);
    expect(ip('-n', NAMESPACE, 'route').stdout).toMatch(/^10\.0\.0\.0\/24 dev one.*\n10\.0\.2\.0\/24 dev one/);
    expect(() => netlink.request(route('10.0.1.0/24', 9999))).toThrow(NetlinkError);
  });

  it('carries out more requests than one message holds', () => {
    const requests = Array.from({ length: 1500 }, (_, i) =>
      addNeighbour(index, new Ipv4Address(0x0b000000 + i), STATION),
    );
    expect(netlink.batch(requests)).toEqual([]);
    const shown = ip('-n', NAMESPACE, 'neigh', 'show', 'nud', 'permanent').stdout.trim().split('\n');
    expect(shown).toHaveLength(1500);
    expect(netlink.batch(ourObjects(netlink).map(({ removal }) => removal()))).toEqual([]);
    expect(ip('-n', NAMESPACE, 'neigh', 'show', 'nud', 'permanent').stdout).toBe('');
    expect(ip('-n', NAMESPACE, 'route').stdout).toBe('');
  });

  it('lists every object, also when others come and go meanwhile', async () => {
    const count = 1500;
    const numbered = (i: number) => `10.${64 + (i >> 8)}.${i & 255}.1`;
    const commands = (words: readonly string[], which: readonly number[]) =>
      which.map((i) => words.map((word) => `address ${word} ${numbered(i)}/32 dev two\n`).join('')).join('');
    const all = Array.from({ length: count }, (_, i) => i);
    const batch = ['-n', NAMESPACE, '-batch', '-'];
    spawnSync('ip', batch, { input: commands(['add'], all) });
    const others = spawn('ip', batch);
    const ended = once(others, 'exit');
    for (let first = 0; first < count; first += 3) {
      others.stdin.write(commands(['del', 'add'], all.slice(first, first + 3)));
      const found = new Set(addresses(netlink).map(({ address }) => `${address}`));
      // One may be the one that is away just then.
      expect(all.filter((i) => !found.has(numbered(i))).length).toBeLessThan(2);
      await sleep(0);
    }
    others.stdin.end();
    expect(await ended).toEqual([0, null]);
  }, 60_000);

  it('knows its own addresses where the kernel says nobody to be their owner, and takes none of others for one', () => {
    const isOurs = (text: string) => addresses(netlink).find(({ address }) => `${address}` === text)?.ours;
    for (const text of ['10.0.9.1', 'fe80::9']) {
      const length = text.includes(':') ? 64 : 32;
      const add = (...options: string[]) =>
        ip('-n', NAMESPACE, 'addr', 'add', `${text}/${length}`, 'dev', 'one', ...options);
      // As `addAddress` asks for it, to a kernel that knows no protocols of addresses.
      expect(add('metric', '5213').stderr).toBe('');
      expect(isOurs(text)).toBe(true);
      ip('-n', NAMESPACE, 'addr', 'del', `${text}/${length}`, 'dev', 'one');
      expect(add('metric', '5214').stderr).toBe('');
      expect(isOurs(text)).toBe(false);
      ip('-n', NAMESPACE, 'addr', 'del', `${text}/${length}`, 'dev', 'one');
      const prefix = (length === 32 ? Ipv4Prefix : Ipv6Prefix).parse(`${text}/${length}`) as Ipv4Prefix | Ipv6Prefix;
      netlink.request(addAddress(index, prefix));
      expect(isOurs(text)).toBe(true);
      expect(ip('-n', NAMESPACE, 'addr', 'show', 'dev', 'one').stdout).toMatch(
        new RegExp(`${text}/${length} .*metric 5213`),
      );
      ip('-n', NAMESPACE, 'addr', 'del', `${text}/${length}`, 'dev', 'one');
    }
  });

  it('tells the next hop towards an address with the MTU of the way, and that there is none', () => {
    const via = Ipv6Address.parse('2001:db8:1::9') as Ipv6Address;
    expect(nextHopTowards(netlink, via, via)).toBeUndefined();
    netlink.request(addAddress(index, Ipv6Prefix.parse('2001:db8:9::1/64') as Ipv6Prefix));
    netlink.batch([
      addNeighbour(index, LINK_LOCAL, STATION),
      addRoute({ destination: HNP, device: index, via: LINK_LOCAL }),
    ]);
    const local = Ipv6Address.parse('2001:db8:9::1') as Ipv6Address;
    expect(nextHopTowards(netlink, local, via)).toMatchObject({ device: index, address: LINK_LOCAL, mtu: 1500 });
    const neighbour = Ipv6Address.parse('2001:db8:9::2') as Ipv6Address;
    expect(nextHopTowards(netlink, local, neighbour)).toEqual({
      device: index,
      address: neighbour,
      mtu: 1500,
      hasNeighbours: true,
    });
    expect(addresses(netlink).some(({ address, ours }) => ours && address.equals(local as never))).toBe(true);
    expect(ip('-n', NAMESPACE, '-6', 'route', 'show', '2001:db8:1::/64').stdout).toContain(
      'via fe80::1 dev one proto 213',
    );
  });

  it('moves the rule of local addresses and back, and leaves one alone that others have put behind', () => {
    const rules = () =>
      ip('-n', NAMESPACE, '-4', 'rule', 'show')
        .stdout.split('\n')
        .filter((line) => line.includes('lookup local'));
    moveLocalRule(netlink, AF_INET, 3, 3);
    expect(rules()).toEqual(['3:\tfrom all lookup local']);
    moveLocalRule(netlink, AF_INET, 0, 3);
    expect(rules()).toEqual(['0:\tfrom all lookup local']);
    ip('-n', NAMESPACE, 'rule', 'add', 'pref', '32765', 'table', 'local');
    ip('-n', NAMESPACE, 'rule', 'del', 'pref', '0');
    moveLocalRule(netlink, AF_INET, 3, 3);
    moveLocalRule(netlink, AF_INET, 0, 3);
    expect(rules()).toEqual(['32765:\tfrom all lookup local']);
  });
});
