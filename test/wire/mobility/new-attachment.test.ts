import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { decodeMobilityHeader, encodeMobilityHeader, HandoffIndicator } from '#wire/mobility/index.ts';
import { isNewAttachment } from '#wire/mobility/new-attachment.ts';
import { OPTION_SAMPLES } from './samples.ts';

const others = OPTION_SAMPLES.filter(({ kind }) => kind !== 'handoff-indicator');
const update = fc
  .record({
    lifetime: fc.constantFrom(0, 4, 1024, 262_140),
    indicator: fc.constantFrom(undefined, 0, 1, 1, 1, 2, 3, 4, 5, 255),
    before: fc.subarray(others, { maxLength: 8 }),
    behind: fc.subarray(others, { maxLength: 8 }),
  })
  .map(({ lifetime, indicator, before, behind }) => {
    const own = indicator === undefined ? [] : [{ kind: 'handoff-indicator', indicator } as const];
    const options = [...before, ...own, ...behind];
    const octets = encodeMobilityHeader({
      kind: 'binding-update',
      sequence: 0x1705,
      flags: 0x8200,
      lifetime: seconds(lifetime),
      options,
    });
    return { octets, isNew: lifetime > 0 && indicator === HandoffIndicator.NEW_INTERFACE };
  });

describe('[RFC 5213 §8.4] that a mobile node is new', () => {
  it('is read from a request as if it were decoded, wherever it says so', () => {
    fc.assert(
      fc.property(update, ({ octets, isNew }) => {
        expect(isNewAttachment(octets)).toBe(isNew);
      }),
    );
  });

  it('is not read from octets that say something else, and any octets can be asked', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
    fc.assert(
      fc.property(update, changes, fc.nat(), ({ octets }, places, length) => {
        const spoiled = octets.slice(0, length % 3 === 0 ? length % (octets.length + 1) : octets.length);
        for (const [place, octet] of places)
          if (place % octets.length < spoiled.length) spoiled[place % octets.length] = octet;
        const isNew = isNewAttachment(spoiled);
        const decoded = decodeMobilityHeader(spoiled);
        if (!decoded.ok) return;
        const { value } = decoded;
        const indicator =
          value.kind === 'binding-update' && value.options.find(({ kind }) => kind === 'handoff-indicator');
        const says =
          value.kind === 'binding-update' &&
          value.lifetime > 0 &&
          typeof indicator === 'object' &&
          indicator.kind === 'handoff-indicator' &&
          indicator.indicator === HandoffIndicator.NEW_INTERFACE;
        expect(isNew).toBe(says);
      }),
      { numRuns: 1000 },
    );
  });
});
