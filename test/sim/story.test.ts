import { describe, expect, it } from 'vitest';
import { runStory } from '#sim/index.ts';

describe('the story of one mobile node: attach, roam under traffic, leave', () => {
  it.each([1, 2, 3, 4])(
    'on good links keeps every address and loses at most three probes a roam and family (seed %i)',
    (seed) => {
      const lines: string[] = [];
      const result = runStory({ seed, roams: 4 }, (line) => lines.push(line));
      expect(result.after).toEqual(result.before);
      expect(result.before).toMatchObject({ ipv4: '192.0.2.1/24', ipv4Router: '192.0.2.254' });
      for (const roam of result.roams) {
        for (const family of ['ipv4', 'ipv6'] as const) {
          expect(roam.interruptionMs[family]).toBeLessThanOrEqual(3);
          expect(roam.probesLost[family]).toBeLessThanOrEqual(3);
        }
      }
      expect(result.probes.ipv4.sent).toBeGreaterThan(4000);
      expect(result.bindings).toMatchObject([{ state: 'active', peer: 'mag1', hoa: '192.0.2.1' }]);
      expect(lines).toHaveLength(8);
    },
  );

  it('[RFC 5844 §3.4.1] has no address before the binding, and [RFC 5213 §5.3.5(2)] keeps it for the wait after leaving', () => {
    const { attach, detach } = runStory({ seed: 5, roams: 0 }, () => {});
    expect(attach.ipv4AddressMs).toBeGreaterThan(attach.bindingMs);
    expect(attach.ipv6AddressMs).toBeGreaterThan(attach.bindingMs);
    expect(detach.leaseReleasedMs).toBeLessThan(10);
    expect(detach.bindingDeletedMs).toBeGreaterThan(10_000);
  });

  it.each([11, 12, 13])('with a fifth of all messages lost takes longer but keeps every address (seed %i)', (seed) => {
    const result = runStory({ seed, roams: 4, loss: 0.2 }, () => {});
    expect(result.after).toEqual(result.before);
    expect(result.probes.ipv4.lost).toBeGreaterThan(100);
  });
});
