import { describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { ACC0, ACC1 } from '../mag/dialogue.ts';
import {
  AccessLink,
  icmpv6Frame,
  layer2Update,
  MAG,
  MAG_LINK_LOCAL,
  MN,
  MN2,
  PREFIX,
  routerSolicitation,
} from './link.ts';

describe('a router advertisement', () => {
  it('[RFC 5213 §6.9.1.2(14)] tells the prefixes as soon as the session is active', () => {
    const link = new AccessLink();
    link.hear(layer2Update());
    expect(link.advertisements()).toEqual([]);
    link.activate();
    const [only, ...rest] = link.advertisements();
    expect(rest).toEqual([]);
    expect(only?.message).toEqual({
      kind: 'router-advertisement',
      hopLimit: 64,
      managed: false,
      otherConfig: false,
      routerLifetime: seconds(3600),
      reachableTime: milliseconds(0),
      retransTimer: milliseconds(0),
      options: [
        { kind: 'source-link-layer-address', mac: MAG },
        { kind: 'mtu', mtu: 1452 },
        {
          kind: 'prefix-information',
          prefix: PREFIX,
          onLink: true,
          autonomous: true,
          validLifetime: seconds(3600),
          preferredLifetime: seconds(3600),
        },
      ],
    });
  });

  it('[RFC 5213 §6.9.3, RFC 6543 §1(1), §1(2)] comes from the fixed addresses, to all nodes in layer 3 and to the one node in layer 2', () => {
    const link = new AccessLink();
    link.hear(layer2Update());
    link.activate();
    const [only] = link.advertisements();
    expect(only?.packet).toMatchObject({ source: MAG_LINK_LOCAL, destination: Ipv6Address.allNodes, hopLimit: 255 });
    expect(only?.frame).toMatchObject({ source: MAG, destination: MN });
  });

  it('[RFC 5213 §6.9.2(1)] answers a router solicitation at once when the session is active', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(5000);
    link.outputs = [];
    link.hear(routerSolicitation());
    expect(link.advertisements()).toHaveLength(1);
    expect(link.machine.snapshot()[0]?.linkLocal).toBe('fe80::224:d7ff:fe8e:21a4');
  });

  it('[RFC 5213 §6.9.2(1), §6.7] answers an earlier solicitation when the registration is complete', () => {
    const link = new AccessLink();
    link.hear(routerSolicitation(Ipv6Address.unspecified));
    expect(link.advertisements()).toEqual([]);
    link.advance(800);
    link.activate();
    expect(link.advertisements()).toHaveLength(1);
  });

  it('[RFC 5213 §6.9.2(1)] waits, solicited or not, for the confirmation of a session whose node comes again', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(1000);
    link.hear(layer2Update());
    link.hear(routerSolicitation());
    link.advance(60_000);
    expect(link.advertisements()).toEqual([]);
    link.activate();
    expect(link.advertisements()).toHaveLength(1);
    link.advance(60_000);
    expect(link.advertisements().length).toBeGreaterThan(0);
  });

  it('[RFC 4861 §6.1.1] does not answer a solicitation from beyond the link', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(5000);
    link.outputs = [];
    link.hear(routerSolicitation(undefined, 64));
    expect(link.advertisements()).toEqual([]);
    expect(link.machine.stats.routerSolicitationsInvalid).toBe(1);
  });

  it('is one for a storm of solicitations', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(5000);
    link.outputs = [];
    for (let i = 0; i < 50; i++) link.hear(routerSolicitation());
    expect(link.advertisements()).toHaveLength(1);
  });

  it('[RFC 5213 §6.9.2(2), §6.9.2, §6.7] is not sent to a node without prefixes', () => {
    const link = new AccessLink();
    link.serve({ prefixes: [] });
    link.hear(routerSolicitation());
    link.advance(3_600_000);
    expect(link.advertisements()).toEqual([]);
  });

  it.each([8, 60, 3600, 86_400])(
    'never lets the addresses of a %i s binding expire while the node is here',
    (lifetime) => {
      const link = new AccessLink({}, lifetime);
      link.hear(layer2Update());
      link.activate({ lifetime: seconds(lifetime) });
      let ends = link.now;
      for (let elapsed = 0; elapsed < 3 * 3600; elapsed += 10) {
        for (const { message } of link.advertisements()) {
          const prefix = message.options.find((option) => option.kind === 'prefix-information');
          ends = link.now + Math.min(prefix?.preferredLifetime ?? 0, message.routerLifetime);
        }
        expect(ends - link.now).toBeGreaterThan(120_000);
        link.advance(10_000);
      }
      expect(link.machine.stats.routerAdvertisementsSent).toBeLessThan(120);
    },
  );

  it('is the same at every MAG of the domain', () => {
    const seen = [1, 2].map((seed) => {
      const link = new AccessLink({}, seed);
      link.hear(layer2Update());
      link.advance(seed * 1000);
      link.activate();
      return link.advertisements()[0]?.frame;
    });
    expect(seen[0]).toEqual(seen[1]);
  });

  it('[RFC 5213 §6.12] takes prefixes and default router back when the session is withdrawn', () => {
    const link = new AccessLink();
    link.serve();
    link.end('withdrawn');
    const [only] = link.advertisements();
    expect(only?.message.routerLifetime).toBe(0);
    expect(only?.message.options).toContainEqual(
      expect.objectContaining({ kind: 'prefix-information', prefix: PREFIX, validLifetime: 0, preferredLifetime: 0 }),
    );
    expect(only?.frame.destination).toEqual(MN);
  });

  it('[RFC 4861 §6.2.5] says so three times, and no more', () => {
    const link = new AccessLink();
    link.serve();
    link.end('withdrawn');
    link.advance(3_600_000);
    expect(link.advertisements().map(({ message }) => message.routerLifetime)).toEqual([0, 0, 0]);
    expect(link.machine.stats.routerAdvertisementsOfWithdrawal).toBe(3);
  });

  it('[RFC 4861 §6.2.5] has a router lifetime of zero, at once, while the node forwards no IPv6', () => {
    const link = new AccessLink();
    link.serve();
    link.handle({ kind: 'configure', config: { ...link.config, routesIpv6: false } });
    link.handle({ kind: 'configure', config: link.config });
    const [stopped, restored] = link.advertisements().map(({ message }) => message);
    expect([stopped?.routerLifetime, restored?.routerLifetime]).toEqual([0, seconds(3600)]);
    expect(stopped?.options).toContainEqual(
      expect.objectContaining({ kind: 'prefix-information', prefix: PREFIX, validLifetime: seconds(3600) }),
    );
  });

  it('[RFC 5213 §6.12] takes back, for three advertisements, a prefix that the session no longer has', () => {
    const link = new AccessLink();
    link.serve();
    const next = Ipv6Prefix.parse('2001:db8:f00d::/64') as Ipv6Prefix;
    link.activate({ prefixes: [next] });
    link.advance(3_600_000);
    const lifetimes = link
      .advertisements()
      .map(({ message }) =>
        Object.fromEntries(
          message.options.flatMap((option) =>
            option.kind === 'prefix-information' ? [[String(option.prefix), option.validLifetime]] : [],
          ),
        ),
      );
    const renumbered = { [String(next)]: 3_600_000, [String(PREFIX)]: 0 };
    expect(lifetimes.slice(0, 3)).toEqual([renumbered, renumbered, renumbered]);
    expect(lifetimes[3]).toEqual({ [String(next)]: 3_600_000 });
    expect(link.machine.stats.routerAdvertisementsOfWithdrawal).toBe(0);
  });

  it('[RFC 5213 §6.12] takes back the prefixes of a session that goes on without any', () => {
    const link = new AccessLink();
    link.serve();
    link.activate({ prefixes: [] });
    expect(link.advertisements()[0]?.message.routerLifetime).toBe(0);
  });

  it('[RFC 5213 §6.12] does not take back what the node was given again', () => {
    const link = new AccessLink();
    link.serve();
    link.end('withdrawn');
    link.outputs = [];
    link.activate();
    link.advance(60_000);
    for (const { message } of link.advertisements()) expect(message.routerLifetime).toBeGreaterThan(0);
  });

  it('[RFC 5213 §6.9.2(3)] has the MTU of the tunnel of its session', () => {
    const link = new AccessLink();
    link.hear(layer2Update());
    link.activate({ mtu: 1444 });
    expect(link.advertisements()[0]?.message.options).toContainEqual({ kind: 'mtu', mtu: 1444 });
  });

  it('[RFC 5213 §6.9.5(6)] has the MTU of the access link where that is lower, at once when it changes, and 1280 at least', () => {
    const link = new AccessLink();
    const told = () =>
      link
        .advertisements()
        .flatMap(({ message }) => message.options.flatMap((each) => (each.kind === 'mtu' ? [each.mtu] : [])));
    link.handle({ kind: 'link-mtu', interface: ACC0, mtu: 1500 });
    link.hear(layer2Update());
    link.activate({ mtu: 1444 });
    expect(told()).toEqual([1444]);
    link.handle({ kind: 'link-mtu', interface: ACC0, mtu: 1400 });
    expect(told()).toEqual([1400]);
    link.handle({ kind: 'link-mtu', interface: ACC0, mtu: 1400 });
    link.handle({ kind: 'link-mtu', interface: ACC1, mtu: 1300 });
    expect(told()).toEqual([]);
    link.handle({ kind: 'link-mtu', interface: ACC0, mtu: 1000 });
    expect(told()).toEqual([1280]);
  });

  it('[RFC 4861 §6.1.1] does not answer a solicitation that names a link-layer address and no address', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(5000);
    link.outputs = [];
    const options = [{ kind: 'source-link-layer-address', mac: MN } as const];
    link.hear(icmpv6Frame({ kind: 'router-solicitation', options }, Ipv6Address.unspecified, Ipv6Address.allRouters));
    expect(link.advertisements()).toEqual([]);
    expect(link.machine.stats.routerSolicitationsInvalid).toBe(1);
  });

  it('is not sent to a node that has moved on: its addresses stay', () => {
    const link = new AccessLink();
    link.serve();
    link.end('departed');
    link.advance(3_600_000);
    expect(link.frames()).toEqual([]);
  });

  it('goes to each node with its own prefix alone', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(layer2Update(MN2));
    link.activate({ mac: MN2, prefixes: [PREFIX.network] });
    expect(link.advertisements().map(({ frame }) => frame.destination)).toEqual([MN2]);
  });
});
