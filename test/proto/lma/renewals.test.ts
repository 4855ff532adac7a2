import { describe, expect, it } from 'vitest';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { utcTime } from '#base/time.ts';
import { Renewals } from '#proto/lma/renewals.ts';
import {
  type BindingAcknowledgement,
  decodeMobilityHeader,
  encodeMobilityHeader,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import { Dialogue } from './dialogue.ts';

const MULTIPLIER = 0x9e3779b1;
const dialogue = new Dialogue();

function request(number: number, sequence = number): Uint8Array {
  return encodeMobilityHeader(dialogue.build({ nai: `mn${number}@example.com`, sequence, clockAhead: sequence }));
}

function answer(status: number): Uint8Array {
  const timestamp = timestampFromUtc(utcTime(0));
  const message = {
    kind: 'binding-acknowledgement',
    status,
    flags: 0x20,
    sequence: 0,
    lifetime: 0,
    options: [timestamp],
  };
  return encodeMobilityHeader(message as unknown as BindingAcknowledgement);
}

describe('what is remembered of renewals', () => {
  it('is found by a request that asks for the same, with an answer that has its sequence number and timestamp', () => {
    const renewals = new Renewals(MULTIPLIER);
    renewals.remember('L/1', request(1), answer(1));
    renewals.remember('L/2', request(2), answer(2));
    const again = request(2, 700);
    const handle = renewals.find(again);
    expect(renewals.bindingOf(handle)).toBe('L/2');
    expect(decodeMobilityHeader(renewals.answer(handle, again))).toMatchObject({
      value: { status: 2, sequence: 700, options: [timestampFromUtc(utcTime(dialogue.now.utc + 700))] },
    });
    expect(renewals.find(request(3))).toBe(0);
  });

  it('is one request for each binding, and none once that is forgotten', () => {
    const renewals = new Renewals(MULTIPLIER);
    renewals.remember('L/1', request(1), answer(0));
    renewals.remember('L/1', request(2), answer(0));
    expect([renewals.size, renewals.find(request(1))]).toEqual([1, 0]);
    const { forgotten } = renewals;
    renewals.forget('L/1');
    renewals.forget('L/1');
    renewals.forget('L/7');
    expect([renewals.size, renewals.find(request(2)), renewals.forgotten]).toEqual([0, 0, forgotten + 1]);
    renewals.remember('L/1', request(1), answer(0));
    renewals.clear();
    expect([renewals.size, renewals.find(request(1))]).toEqual([0, 0]);
  });

  it('is nothing of messages without a timestamp', () => {
    const renewals = new Renewals(MULTIPLIER);
    const timeless = encodeMobilityHeader(dialogue.build({ clockAhead: undefined }));
    renewals.remember('L/1', timeless, answer(0));
    renewals.remember('L/2', request(1), timeless);
    expect([renewals.size, renewals.find(timeless), renewals.find(request(1))]).toEqual([0, 0, 0]);
  });

  it('takes no more memory than it may, and has room again when some are forgotten', () => {
    const renewals = new Renewals(MULTIPLIER, 1 << 20);
    for (let i = 0; i < 20_000; i++) renewals.remember(`L/${i}`, request(i), answer(0));
    const most = renewals.size;
    expect(most).toBeGreaterThan(4000);
    expect(most).toBeLessThan(20_000);
    for (let i = 0; i < 20_000; i++) renewals.forget(`L/${i}`);
    renewals.remember('L/20000', request(20_000), answer(0));
    expect(renewals.size).toBe(1);
  });

  it('is not found by requests in which any octet differs that asks for something', () => {
    const random = new SeededRandom(1);
    const renewals = new Renewals(MULTIPLIER);
    const known = request(1);
    renewals.remember('L/1', known, answer(0));
    let found = 0;
    for (let i = 0; i < 20_000; i++) {
      const other = nextBelow(random, 4) === 0 ? request(1, i & 0xffff) : known.slice();
      const at = nextBelow(random, other.length);
      other[at] = nextBelow(random, 256);
      const cut = nextBelow(random, 20) === 0 ? other.subarray(0, nextBelow(random, other.length)) : other;
      if (renewals.find(cut) === 0) continue;
      found++;
      expect(asked(cut)).toEqual(asked(known));
    }
    expect(found).toBeGreaterThan(500);
  });
});

/** All but its number and its time. */
function asked(octets: Uint8Array): unknown {
  const decoded = decodeMobilityHeader(octets);
  if (!decoded.ok || decoded.value.kind !== 'binding-update') throw new Error('no Binding Update');
  const { options, ...rest } = decoded.value;
  return { ...rest, sequence: 0, options: options.filter(({ kind }) => kind !== 'timestamp') };
}
