import { describe, expect, it } from 'vitest';
import { dataFrame, layer2Update, MN, MN2 } from '../access/link.ts';
import { Domain } from './domain.ts';

const NAI = 'mn@example.com';

/** A host with two interfaces of one name. */
function domainOf(multihomed: boolean): Domain {
  return new Domain({
    lma: { defaultProfile: { nai: 'default', service: 'dual', multihomed } },
    mag: {
      localProfiles: [MN, MN2].map((mac) => ({ mac, nai: NAI })),
      profiles: [{ nai: NAI, service: 'dual', multihomed }],
    },
  });
}

const FIRST = 'ACTIVE 192.0.2.1 2001:db8:f00d::/64';
const SECOND = 'ACTIVE 192.0.2.2 2001:db8:f00d:1::/64';

describe('a host of several interfaces', () => {
  it('[RFC 5213 §5.4] has a session with addresses of its own for each of them, at one gateway', () => {
    const domain = domainOf(true);
    domain.hear(domain.mag1, layer2Update(MN));
    domain.advance(5000);
    domain.hear(domain.mag1, layer2Update(MN2));
    domain.advance(5000);
    expect([domain.served(domain.mag1, MN), domain.served(domain.mag1, MN2)]).toEqual([FIRST, SECOND]);
  });

  it('[RFC 5846 §9.1(4)] keeps the session of the interface that is still there when another one turns up at another gateway', () => {
    const domain = domainOf(true);
    domain.hear(domain.mag1, layer2Update(MN));
    domain.advance(5000);
    domain.hear(domain.mag2, layer2Update(MN2));
    domain.advance(10_000);
    expect([domain.served(domain.mag1, MN), domain.served(domain.mag2, MN2)]).toEqual([FIRST, SECOND]);
    expect(domain.lma.snapshot()).toHaveLength(2);
  });

  it('[RFC 5213 §5.4.1.2] roams with one of them and leaves the other where it is', () => {
    const domain = domainOf(true);
    domain.hear(domain.mag1, layer2Update(MN));
    domain.advance(5000);
    domain.hear(domain.mag1, layer2Update(MN2));
    domain.advance(5000);
    domain.hear(domain.mag2, dataFrame(MN2));
    domain.advance(5000);
    expect([domain.served(domain.mag1, MN), domain.served(domain.mag1, MN2)]).toEqual([FIRST, undefined]);
    expect(domain.served(domain.mag2, MN2)).toBe(SECOND);
  });

  it('[RFC 5213 §5.4.1.2(4)] takes its session to the other interface when the first has left', () => {
    const domain = domainOf(false);
    domain.hear(domain.mag1, layer2Update(MN));
    domain.advance(5000);
    domain.hear(domain.mag2, layer2Update(MN2));
    domain.leave(MN);
    domain.advance(10_000);
    expect(domain.served(domain.mag2, MN2)).toBe(FIRST);
    expect(domain.served(domain.mag1, MN)).toBeUndefined();
    expect(domain.lma.snapshot()).toHaveLength(1);
  });
});
