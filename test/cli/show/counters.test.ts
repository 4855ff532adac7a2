import { expect, test } from 'vitest';
import { renderDataplane, renderLmaStats, renderMagStats } from '#cli/show/index.ts';
import { createAccessStats } from '#proto/access/stats.ts';
import { createHeartbeatStats } from '#proto/heartbeat/stats.ts';
import { createLmaStats } from '#proto/lma/stats.ts';
import { createMagStats } from '#proto/mag/stats.ts';

/** Distinct values for all counters, so that a line with a wrong or missing one shows. */
function numbered<Stats extends object>(stats: Stats, from = 1000): Stats {
  const entries = Object.entries(stats).map(([name, value], i) => [
    name,
    typeof value === 'number' ? from + i : { [name]: from + i },
  ]);
  return Object.fromEntries(entries);
}

const numbers = (text: string) => [...text.matchAll(/: ([123]\d{3})$/gm)].map((match) => Number(match[1]));

test('show ipv6 mobile pmipv6 mag stats has a line for each counter of the machine and of its access links', () => {
  const stats = numbered(createMagStats());
  const access = numbered(createAccessStats(), 2000);
  const heartbeat = numbered(createHeartbeatStats(), 3000);
  const shown = renderMagStats([{ domain: 'D1', name: 'M1', bindings: 7, stats, heartbeat, access }]);
  expect(numbers(shown).sort()).toEqual(
    [...Object.values(stats), ...Object.values(access), ...Object.values(heartbeat)].sort(),
  );
  expect(shown).toMatch(/^-----\nDomain : D1\nMag Identifier : M1\n\nBinding update list\n {2}Bindings +: 7\n/);
});

test('show ipv6 mobile pmipv6 lma stats has a line for each counter of the machine but the log’s', () => {
  const stats = numbered(createLmaStats());
  const heartbeat = numbered(createHeartbeatStats(), 3000);
  const shown = renderLmaStats([{ domain: 'D1', name: 'lma1', bindings: 7, stats, heartbeat }]);
  const { logsSuppressed: _, ...counted } = stats;
  const values = Object.values(counted).flatMap((value) => (typeof value === 'number' ? value : Object.values(value)));
  expect(numbers(shown).sort()).toEqual([...values, ...Object.values(heartbeat)].sort());
});

test('counters by status are listed by name', () => {
  const stats = { ...createLmaStats(), pbaByStatus: { TIMESTAMP_MISMATCH: 2, ACCEPTED: 5 } };
  const lines = renderLmaStats([
    { domain: 'D1', name: 'lma1', bindings: 1, stats, heartbeat: createHeartbeatStats() },
  ]).split('\n');
  const at = lines.indexOf('PBA sent');
  expect(lines.slice(at, at + 4).map((line) => line.replace(/ +:/, ' :'))).toEqual([
    'PBA sent',
    '  PBA : 0',
    '  ACCEPTED : 5',
    '  TIMESTAMP_MISMATCH : 2',
  ]);
});

test('show dataplane', () => {
  const agreement = {
    matching: 3,
    missing: 1,
    different: 0,
    extra: 0,
    unclaimed: 2,
    examples: ['missing: route 203.0.113.1'],
  };
  const forwarding = [
    {
      id: '1',
      role: 'anchor' as const,
      nai: '0024.d78e.21a4',
      addresses: ['192.0.2.1', '2001:db8:f00d:1::/64'],
      local: '2001:db8:cafe:1024::101',
      remote: '2001:db8:cafe:1025::15',
      up: { packets: 3, octets: 300 },
      down: { packets: 4, octets: 4000 },
    },
  ];
  expect(
    renderDataplane({ plane: 'ebpf', entries: 1, forwarding, drops: { spoofed: 2, 'no-binding': 1 }, agreement }),
  ).toBe(`
  Data plane                   : eBPF, in the kernel
Total number of forwarding entries: 1
-----
[Forwarding]: Id: 1, Role: ANCHOR, Nai: 0024.d78e.21a4
  [Forwarding]: Addresses: 192.0.2.1, 2001:db8:f00d:1::/64
  [Forwarding][TUNNEL]: Source: 2001:db8:cafe:1024::101, Destination: 2001:db8:cafe:1025::15
  [Forwarding][UP]: Packets: 3, Octets: 300
  [Forwarding][DOWN]: Packets: 4, Octets: 4000
-----
Dropped packets
  no-binding                   : 1
  spoofed                      : 2
-----
Forwarding state against bindings
  Matching                     : 3
  Missing                      : 1
  Different                    : 0
  Extra                        : 0
  Left by an earlier daemon    : 2
  missing: route 203.0.113.1
`);
  const proxy = { interfaces: ['eth1', 'eth2'], answered: 12, answeredMobileNodes: 3 };
  expect(renderDataplane({ plane: 'ebpf', entries: 0, forwarding: [], drops: {}, agreement, proxy })).toContain(
    '\n  ARP and ND answered on       : eth1, eth2: 12 times\n  ARP of mobile nodes answered : 3 times\n',
  );
  expect(
    renderDataplane({ plane: 'ebpf', entries: 0, forwarding, drops: {}, agreement, restoration: { set: 7, total: 9 } }),
  ).toContain('\n  Set since the restart        : 7 of 9 bindings\n');
  expect(renderDataplane({ plane: 'user', entries: 0, forwarding: [], drops: {}, agreement })).toMatch(
    /Data plane +: user space, in the daemon\n[\s\S]*Dropped packets\n {2}none\n/,
  );
  const reason = 'this kernel has no BPF';
  expect(renderDataplane({ plane: 'user', reason, entries: 0, forwarding: [], drops: {}, agreement })).toContain(
    'in the daemon\n  Not in the kernel, because   : this kernel has no BPF\n',
  );
  expect(renderDataplane({ plane: 'ebpf', entries: 5000, forwarding, drops: {}, agreement })).toContain(
    '-----\n  and 4999 more; "show dataplane nai NAI" shows those of one mobile node\n',
  );
});
