import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { type ClockReading, instant, utcTime } from '#base/time.ts';
import { type AccountingCall, AccountingProxy, type AccountingProxyOutput } from '#proto/radius/index.ts';
import {
  checkMessageAuthenticator,
  checkRadiusAuthenticator,
  MESSAGE_AUTHENTICATOR,
  setMessageAuthenticator,
  setRadiusAuthenticator,
} from '#wire/radius/authenticators.ts';
import { decodeRadius, encodeRadius, type RadiusAttribute, RadiusCode } from '#wire/radius.ts';
import { decodedValue } from '../../wire/vector.ts';

const SECRET = new TextEncoder().encode('aaacisco');
const OTHER = new TextEncoder().encode('network');
const ZEROS = new Uint8Array(16);
const address = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
const AP = address('192.0.2.1');
const text = (type: number, value: string, vendor = 0): RadiusAttribute => ({
  vendor,
  type,
  value: new TextEncoder().encode(value),
});
const signature: RadiusAttribute = { vendor: 0, type: MESSAGE_AUTHENTICATOR, value: ZEROS };
const START: RadiusAttribute = { vendor: 0, type: 40, value: new Uint8Array([0, 0, 0, 1]) };
const PROXY_STATE = 33;

class Bench {
  readonly proxy = new AccountingProxy();
  seconds = 0;

  constructor() {
    this.proxy.configure([
      { address: address('192.0.2.0'), prefixLength: 24, secret: OTHER },
      { address: AP, secret: SECRET },
    ]);
  }

  receive(octets: Uint8Array, { from = AP, port = 50_000 } = {}): AccountingProxyOutput | undefined {
    const now: ClockReading = { instant: instant(this.seconds * 1000), utc: utcTime(this.seconds * 1000) };
    return this.proxy.receive({ from, port, octets }, now);
  }

  call(octets: Uint8Array): AccountingCall {
    const output = this.receive(octets);
    if (output?.kind !== 'call') throw new Error(`no call: ${output?.kind}`);
    return output;
  }
}

function request(
  attributes: readonly RadiusAttribute[] = [START],
  { code = RadiusCode.ACCOUNTING_REQUEST as number, identifier = 7, secret = SECRET } = {},
): Uint8Array {
  const octets = encodeRadius({ code, identifier, authenticator: ZEROS, attributes });
  setMessageAuthenticator(octets, secret, ZEROS);
  setRadiusAuthenticator(octets, secret);
  return octets;
}

const short = (attributes: readonly RadiusAttribute[]) =>
  attributes.map(({ vendor, type, value }) => [vendor, type, Buffer.from(value).toString('latin1')]);

describe('a proxy of accounting', () => {
  it('[RFC 2866 §2.1] forwards every attribute as it came, its own Proxy-State after all others, and no Message-Authenticator of the former hop', () => {
    const bench = new Bench();
    const sent = [
      signature,
      text(PROXY_STATE, 'one'),
      START,
      text(1, 'a=b', 9),
      text(PROXY_STATE, 'two'),
      text(25, 'c'),
    ];
    const { forwarded, attributes } = bench.call(request(sent));
    const vendor = Buffer.from([0, 0, 0, 9, 1, 5, ...Buffer.from('a=b')]).toString('latin1');
    expect(short(forwarded).slice(0, -1)).toEqual([
      [0, PROXY_STATE, 'one'],
      [0, 40, '\0\0\0\x01'],
      [0, 26, vendor],
      [0, PROXY_STATE, 'two'],
      [0, 25, 'c'],
    ]);
    expect(forwarded.at(-1)).toMatchObject({ vendor: 0, type: PROXY_STATE });
    expect(short(attributes)).toContainEqual([9, 1, 'a=b']);
  });

  it('[RFC 2866 §4.2] answers with what the server said and the Proxy-States of the request, once the MAG has it too', () => {
    const bench = new Bench();
    const asked = request([signature, START, text(PROXY_STATE, 'one'), text(PROXY_STATE, 'two')]);
    const { id, forwarded } = bench.call(asked);
    const own = forwarded.at(-1) as RadiusAttribute;
    const said = [text(18, 'hello'), signature, text(PROXY_STATE, 'one'), text(PROXY_STATE, 'two'), own];
    expect(bench.proxy.answered(id, 'accept', said)).toBeUndefined();
    const reply = bench.proxy.taken(id);
    expect(reply).toMatchObject({ from: AP, port: 50_000 });
    const octets = reply?.octets as Uint8Array;
    const packet = decodedValue(decodeRadius(octets));
    expect([packet.code, packet.identifier]).toEqual([RadiusCode.ACCOUNTING_RESPONSE, 7]);
    expect(short(packet.attributes).slice(1)).toEqual([
      [0, PROXY_STATE, 'one'],
      [0, PROXY_STATE, 'two'],
      [0, 18, 'hello'],
    ]);
    const { authenticator } = decodedValue(decodeRadius(asked));
    expect(checkRadiusAuthenticator(octets, SECRET, authenticator)).toBe(true);
    expect(checkMessageAuthenticator(octets, SECRET, authenticator)).toBe(true);
  });

  it('answers by itself where there is no server, without a Message-Authenticator to who sent none', () => {
    const bench = new Bench();
    const { id } = bench.call(request());
    expect(bench.proxy.taken(id)).toBeUndefined();
    const reply = bench.proxy.answered(id, 'no-server', []);
    expect(decodedValue(decodeRadius(reply?.octets as Uint8Array)).attributes).toEqual([]);
    expect(bench.proxy.stats).toMatchObject({ answered: 1, forwarded: 0 });
  });

  it.each(['no-answer', 'overload', 'reject'] as const)(
    '[RFC 2866 §2] does not answer when the server recorded nothing (%s), and asks again when the client does',
    (outcome) => {
      const bench = new Bench();
      const { id } = bench.call(request());
      bench.proxy.taken(id);
      expect(bench.proxy.answered(id, outcome, [])).toBeUndefined();
      expect(bench.call(request()).id).not.toBe(id);
      expect(bench.proxy.stats).toMatchObject({ notForwarded: 1, answered: 0, requests: 2 });
    },
  );

  it('[RFC 2866 §3] takes a duplicate once, and gives it the same answer', () => {
    const bench = new Bench();
    const { id } = bench.call(request());
    expect(bench.receive(request())).toBeUndefined();
    bench.proxy.taken(id);
    const reply = bench.proxy.answered(id, 'accept', []);
    expect(bench.receive(request())).toEqual(reply);
    expect(bench.receive(request([START], { identifier: 8 }))).toMatchObject({ kind: 'call' });
    expect(bench.receive(request(), { port: 50_001 })).toMatchObject({ kind: 'call' });
    expect(bench.proxy.stats).toMatchObject({ duplicates: 2, requests: 3 });
    bench.seconds = 31;
    expect(bench.receive(request())).toMatchObject({ kind: 'call' });
  });

  it('has nothing for strangers, for what another key signed, and for what is no accounting', () => {
    const bench = new Bench();
    expect(bench.receive(request(), { from: address('198.51.100.1') })).toBeUndefined();
    const broken = request();
    broken[18] = (broken[18] as number) ^ 1;
    expect(bench.receive(broken)).toMatchObject({ kind: 'log', code: 'radius-proxy-bad-authenticator' });
    expect(bench.receive(request([START], { secret: OTHER }))).toBeUndefined();
    const wrongSignature = request([signature, START], { secret: OTHER });
    setRadiusAuthenticator(wrongSignature, SECRET);
    expect(bench.receive(wrongSignature)).toBeUndefined();
    expect(bench.receive(request([START], { code: RadiusCode.ACCESS_REQUEST }))).toBeUndefined();
    expect(bench.receive(request().subarray(0, 19))).toBeUndefined();
    expect(bench.proxy.stats).toMatchObject({
      strangers: 1,
      badAuthenticators: 3,
      wrongCodes: 1,
      malformed: 1,
      requests: 0,
    });
  });

  it('knows the clients of a network by its key, and one of them that has a key of its own by that', () => {
    const bench = new Bench();
    const neighbour = address('192.0.2.77');
    expect(bench.receive(request([START], { secret: OTHER }), { from: neighbour })).toMatchObject({ kind: 'call' });
    expect(bench.receive(request(), { from: neighbour })).toMatchObject({ kind: 'log' });
    expect(bench.receive(request())).toMatchObject({ kind: 'call' });
    expect(['192.0.2.77', '192.0.3.77'].map((text) => bench.proxy.knows(address(text)))).toEqual([true, false]);
  });

  it('has no more than 4096 requests under way', () => {
    const bench = new Bench();
    const numbered = (number: number) => request([START, text(44, String(number))], { identifier: number % 256 });
    for (let i = 0; i < 4096; i++) bench.call(numbered(i));
    expect(bench.receive(numbered(4096))).toBeUndefined();
    expect(bench.proxy.stats).toMatchObject({ requests: 4096, overloads: 1 });
  });

  it('takes no request without room for what forwarding adds', () => {
    const bench = new Bench();
    const full = Array.from({ length: 16 }, () => text(25, 'x'.repeat(250)));
    expect(bench.receive(request(full))).toMatchObject({ kind: 'call' });
    expect(bench.receive(request([...full, text(1, 'y'.repeat(22))]))).toBeUndefined();
    expect(bench.proxy.stats.malformed).toBe(1);
  });

  it('leaves out of an answer what does not fit beside the Proxy-States', () => {
    const bench = new Bench();
    const states = Array.from({ length: 15 }, () => text(PROXY_STATE, 'x'.repeat(250)));
    const { id } = bench.call(request([START, ...states]));
    bench.proxy.taken(id);
    const reply = bench.proxy.answered(id, 'accept', [text(18, 'z'.repeat(253)), text(18, 'z'.repeat(253))]);
    expect(decodedValue(decodeRadius(reply?.octets as Uint8Array)).attributes).toHaveLength(15);
  });
});
