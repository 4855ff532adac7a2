import { describe, expect, it } from 'vitest';
import { linkLocalFromMac } from '#base/ipv6-address.ts';
import { decodeIcmpv6 } from '#wire/icmpv6.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import { ACC0, AccessLink, icmpv6Frame, MAG_LINK_LOCAL, MN, routerSolicitation } from './link.ts';

/** Targets of the neighbor solicitations sent since the last look. */
function solicited(link: AccessLink): string[] {
  return link.frames().flatMap(({ payload }) => {
    const packet = decodeIpv6(payload);
    if (!packet.ok) return [];
    const message = decodeIcmpv6(packet.value.payload, packet.value.source, packet.value.destination);
    return message.ok && message.value.kind === 'neighbor-solicitation' ? [message.value.target.toString()] : [];
  });
}

function answer(): Uint8Array {
  const target = linkLocalFromMac(MN);
  return icmpv6Frame(
    { kind: 'neighbor-advertisement', router: false, solicited: true, override: true, target, options: [] },
    target,
    MAG_LINK_LOCAL,
  );
}

describe('a mobile node of IPv6 alone without a session', () => {
  it('is asked when it was refused, and reported as attached when it answers', () => {
    const link = new AccessLink();
    link.hear(routerSolicitation());
    link.handle({ kind: 'session', change: { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'no LMA' } });
    link.reports();
    solicited(link);
    link.advance(29_999);
    expect(solicited(link)).toEqual([]);
    link.advance(1);
    expect(solicited(link)).toEqual([linkLocalFromMac(MN).toString()]);
    link.hear(answer());
    expect(link.reports()).toEqual([`attached data ${MN} ${ACC0}`]);
  });

  it('is asked when its session was withdrawn, and not when it has departed', () => {
    for (const [reason, times] of [
      ['withdrawn', 1],
      ['departed', 0],
    ] as const) {
      const link = new AccessLink();
      link.serve({ prefixes: [] });
      link.end(reason);
      solicited(link);
      link.advance(30_000);
      expect(solicited(link)).toHaveLength(times);
    }
  });

  it('is asked no more when it is forgotten, as it does not answer', () => {
    const link = new AccessLink();
    link.hear(routerSolicitation());
    link.handle({ kind: 'session', change: { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'no LMA' } });
    link.advance(600_000);
    expect(solicited(link).length).toBeLessThanOrEqual(6);
    expect(link.machine.nextTimeout()).toBeUndefined();
  });
});
