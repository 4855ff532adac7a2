import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RecordLine } from '#daemon/aaa/record-line.ts';
import { Turns } from '#daemon/aaa/turns.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { encodeRadius, RadiusCode } from '#wire/radius.ts';

const LOCAL = '00:24:d7:8e:21:a4';

function record(station?: string): Uint8Array {
  return encodeRadius({
    code: RadiusCode.ACCOUNTING_REQUEST,
    identifier: 1,
    authenticator: new Uint8Array(16),
    attributes: station === undefined ? [] : [DICTIONARY.attribute('Calling-Station-Id', station)],
  });
}

describe('records of access points', () => {
  const lineOf = () => {
    const line = new RecordLine(new Turns());
    line.configure([LOCAL]);
    const taken: string[] = [];
    return { taken, add: (name: string, station?: string) => line.add(record(station), () => taken.push(name)) };
  };

  it('of a station with a local profile are taken before those that came earlier, in whatever notation', async () => {
    const { taken, add } = lineOf();
    for (let i = 0; i < 3; i++) add(`other ${i}`, `02-00-00-00-00-0${i}`);
    add('local', '0024.D78E.21A4');
    add('local again', '00-24-D7-8E-21-A4:corporate');
    expect(taken).toEqual(['local', 'local again']);
    for (let i = 0; i < 5; i++) await turn();
    expect(taken).toEqual(['local', 'local again', 'other 0', 'other 1', 'other 2']);
  });

  it('do not pass what an access point says of itself', async () => {
    const { taken, add } = lineOf();
    add('begins');
    add('local', LOCAL);
    expect(taken).toEqual([]);
    for (let i = 0; i < 4; i++) await turn();
    add('local again', LOCAL);
    expect(taken).toEqual(['begins', 'local', 'local again']);
  });
});
