/** What two mobile nodes see with ping and tracepath: through the tunnel to the anchor and back, and without it. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Path } from '#dataplane/desired.ts';
import { formOf, headerLength } from '#dataplane/tunnel-form.ts';
import { node } from './bed.ts';
import { ip, kernelBedMissing } from './kernel-bed.ts';
import { FAMILIES, LMA, LMA4, MAG, MAG4, TwoMobileNodes } from './two-mobile-nodes.ts';

const missing = kernelBedMissing() ?? (hasCommand('ping') ? undefined : 'needs ping');
const overIpv6: Path = { encapsulation: { kind: 'ip' }, local: MAG, remote: LMA };
const keyed: Path = { encapsulation: { kind: 'gre', keys: { send: 1, receive: 2 } }, local: MAG4, remote: LMA4 };
const HEADERS = { IPv4: 28, IPv6: 48 } as const;
/** What the transport carries. */
const LINK_MTU = 1400;

describe.skipIf(missing)(`two mobile nodes of one gateway${missing ? ` (${missing})` : ''}`, () => {
  let bed: TwoMobileNodes;
  beforeAll(() => {
    bed = new TwoMobileNodes(`mtn${process.pid}`);
    for (const name of ['mag', 'lma'] as const)
      ip(['-n', bed.namespace(name), 'link', 'set', 'core', 'mtu', String(LINK_MTU)]);
  });
  afterAll(() => bed?.remove());
  const ping = (to: string, ...options: string[]) =>
    bed.run('alice', 'ping', '-c', '2', '-i', '0.05', '-W', '2', ...options, to);
  const atAnchor = (name: string) => bed.lma.counters(name) as NonNullable<ReturnType<typeof bed.lma.counters>>;
  const tunnelled = () => atAnchor('alice').upPackets + atAnchor('bob').downPackets;
  const accessInterfaces = node.accessInterfaces.map((link) => ({ ...link, localRouting: true }));

  it.each(FAMILIES)(
    '[RFC 5213 §6.10.3, §6.10.5(4), §6.10.5(5)] reach each other by $family without the tunnel where that is allowed, and through it as soon as one has left',
    async ({ bob }) => {
      bed.carry(overIpv6);
      bed.reconfigure({ accessInterfaces });
      const before = tunnelled();
      expect(await ping(bob)).toContain('2 received');
      expect(tunnelled()).toBe(before);
      expect(bed.mag.counters('alice')?.upPackets).toBeGreaterThanOrEqual(2);
      expect(bed.mag.counters('bob')?.downPackets).toBeGreaterThanOrEqual(2);
      bed.leave('bob');
      expect(await ping(bob)).toContain('0 received');
      expect(tunnelled()).toBe(before + 4);
      bed.carry(overIpv6);
      bed.reconfigure({});
      expect(await ping(bob)).toContain('2 received');
      expect(tunnelled()).toBe(before + 8);
    },
  );

  it.each(
    [overIpv6, keyed].flatMap((path) =>
      FAMILIES.map((family) => ({ ...family, path, tunnel: path.encapsulation.kind })),
    ),
  )('learn by $family how much goes through the tunnel ($tunnel) in one piece', async ({ family, bob, path }) => {
    bed.carry(path);
    const most = LINK_MTU - headerLength(formOf(path));
    ip(['-n', bed.namespace('alice'), '-6', 'route', 'flush', 'cache']);
    ip(['-n', bed.namespace('alice'), 'route', 'flush', 'cache']);
    const whole = (size: number) => ping(bob, '-M', 'do', '-s', String(size - HEADERS[family]));
    expect(await whole(most)).toContain('2 received');
    const tooLong = await whole(most + 1);
    expect(tooLong).toContain('0 received');
    expect(tooLong).toMatch(new RegExp(`From .*mtu ?= ?${most}`));
  });

  it.each([overIpv6, keyed].flatMap((path) => FAMILIES.map((family) => ({ ...family, path, ends: `${path.remote}` }))))(
    'lose no $family packet to a neighbour on the transport, $ends, that is not known yet',
    async ({ bob, path }) => {
      bed.reconfigure({});
      bed.end();
      for (const name of ['mag', 'lma'] as const)
        ip(['-n', bed.namespace(name), 'neigh', 'flush', 'dev', 'core', 'nud', 'all']);
      bed.carry({ ...path, encapsulation: { kind: 'gre', keys: { send: 3, receive: 4 } } });
      expect(await bed.run('alice', 'ping', '-c', '1', '-W', '2', bob)).toContain('1 received');
      const kept = () => ip(['-n', bed.namespace('mag'), 'neigh', 'show', 'dev', 'core', 'proto', '213']);
      expect(kept()).toContain(`${path.remote} `);
      bed.end();
      expect(kept()).toBe('');
    },
  );

  it.skipIf(!hasCommand('tracepath')).each(FAMILIES)(
    'see by $family the way and its MTU with tracepath',
    async ({ bob }) => {
      bed.carry(overIpv6);
      const told = await bed.run('alice', 'tracepath', '-n', '-m', '6', bob);
      expect(told).toContain(`pmtu ${LINK_MTU - headerLength(formOf(overIpv6))}`);
      expect(told).toMatch(new RegExp(`${bob.replaceAll('.', '\\.')}.*reached`));
    },
  );
});

function hasCommand(name: string): boolean {
  return spawnSync('which', [name]).status === 0;
}
