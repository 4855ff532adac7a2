import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { RecordLine } from '#daemon/aaa/record-line.ts';
import { Turns } from '#daemon/aaa/turns.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { encodeRadius, RadiusCode } from '#wire/radius.ts';

const LOCAL = '00:24:d7:8e:21:a4';
const from = Ipv4Address.parse('192.0.2.1') as Ipv4Address;

function record(identifier: number, station?: string): Uint8Array {
  return encodeRadius({
    code: RadiusCode.ACCOUNTING_REQUEST,
    identifier,
    authenticator: new Uint8Array(16),
    attributes: station === undefined ? [] : [DICTIONARY.attribute('Calling-Station-Id', station)],
  });
}

describe('records of access points', () => {
  const lineOf = () => {
    const line = new RecordLine(new Turns());
    line.configure([LOCAL]);
    const taken: string[] = [];
    let sent = 0;
    const add = (name: string, station?: string, identifier = ++sent) =>
      line.add({ from, port: 4711, octets: record(identifier, station) }, () => taken.push(name));
    return { line, taken, add };
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

  it('that come again while they wait are left out', async () => {
    const { line, taken, add } = lineOf();
    for (const identifier of [1, 2, 1, 1]) add(`other ${identifier}`, '02-00-00-00-00-01', identifier);
    await turn();
    expect(taken).toEqual(['other 1', 'other 2']);
    expect(line.duplicates).toBe(2);
    add('other 1 later', '02-00-00-00-00-01', 1);
    await turn();
    expect(taken).toHaveLength(3);
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
