import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { type ClockReading, instant, utcTime } from '#base/time.ts';
import { type DynamicAuthorizationOutput, DynamicAuthorizationServer } from '#proto/radius/index.ts';
import {
  checkMessageAuthenticator,
  checkRadiusAuthenticator,
  MESSAGE_AUTHENTICATOR,
  setMessageAuthenticator,
  setRadiusAuthenticator,
} from '#wire/radius/authenticators.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import { decodeRadius, encodeRadius, findRadiusAttribute, type RadiusAttribute, RadiusCode } from '#wire/radius.ts';
import { decodedValue } from '../../wire/vector.ts';

const SECRET = new TextEncoder().encode('aaacisco');
const ZEROS = new Uint8Array(16);
const CLIENT = Ipv4Address.parse('192.0.2.1') as Ipv4Address;
const STRANGER = Ipv4Address.parse('192.0.2.2') as Ipv4Address;
const START = 1_700_000_000;
const user: RadiusAttribute = { vendor: 0, type: 1, value: new TextEncoder().encode('mn0@example.com') };
const signature: RadiusAttribute = { vendor: 0, type: MESSAGE_AUTHENTICATOR, value: ZEROS };

/** A server with its clock and what clients send in the test's hands. */
class Bench {
  readonly server = new DynamicAuthorizationServer();
  seconds = 0;

  constructor() {
    this.server.configure([{ address: CLIENT, secret: SECRET }]);
  }

  get now(): ClockReading {
    return { instant: instant(this.seconds * 1000), utc: utcTime((START + this.seconds) * 1000) };
  }

  receive(octets: Uint8Array, { from = CLIENT, port = 50_000 } = {}): DynamicAuthorizationOutput | undefined {
    return this.server.receive({ from, port, octets }, this.now);
  }
}

function request(
  attributes: readonly RadiusAttribute[] = [user],
  { code = RadiusCode.DISCONNECT_REQUEST as number, identifier = 7, secret = SECRET } = {},
): Uint8Array {
  const octets = encodeRadius({ code, identifier, authenticator: ZEROS, attributes });
  setMessageAuthenticator(octets, secret, ZEROS);
  setRadiusAuthenticator(octets, secret);
  return octets;
}

function timestamp(seconds: number): RadiusAttribute {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, seconds);
  return { vendor: 0, type: 55, value };
}

function idOf(output: DynamicAuthorizationOutput | undefined): number {
  if (output?.kind !== 'disconnect') throw new Error(`not to be carried out: ${output?.kind}`);
  return output.id;
}

function errorCause(octets: Uint8Array): number | undefined {
  const value = findRadiusAttribute(decodedValue(decodeRadius(octets)), 101);
  return value && new DataView(value.buffer, value.byteOffset).getUint32(0);
}

describe('a Dynamic Authorization Server', () => {
  it('[RFC 5176 §2.3] answers from the identifier, authenticator and secret of the request', () => {
    const bench = new Bench();
    const asked = request();
    const reply = bench.server.answer(idOf(bench.receive(asked)));
    expect(reply).toMatchObject({ from: CLIENT, port: 50_000 });
    const octets = reply?.octets as Uint8Array;
    const { code, identifier } = decodedValue(decodeRadius(octets));
    expect([code, identifier]).toEqual([RadiusCode.DISCONNECT_ACK, 7]);
    const authenticator = decodedValue(decodeRadius(asked)).authenticator;
    expect(checkRadiusAuthenticator(octets, SECRET, authenticator)).toBe(true);
    expect(checkMessageAuthenticator(octets, SECRET, authenticator)).toBe(true);
    expect(errorCause(octets)).toBeUndefined();
    expect(bench.server.stats).toMatchObject({ disconnectRequests: 1, acknowledged: 1, refused: 0 });
  });

  it('[RFC 5176 §3.5] says why it refuses', () => {
    const bench = new Bench();
    const reply = bench.server.answer(idOf(bench.receive(request())), ErrorCause.SESSION_CONTEXT_NOT_FOUND);
    expect(reply?.octets[0]).toBe(RadiusCode.DISCONNECT_NAK);
    expect(errorCause(reply?.octets as Uint8Array)).toBe(503);
    expect(bench.server.stats.refused).toBe(1);
  });

  it('[RFC 5176 §6.1] drops what a stranger sends', () => {
    const bench = new Bench();
    expect(bench.receive(request(), { from: STRANGER })).toBeUndefined();
    expect(bench.server.stats.strangers).toBe(1);
  });

  it('[RFC 5176 §2.3] drops what another secret signed, and complains of it once in a while', () => {
    const bench = new Bench();
    const forged = request([user], { secret: new TextEncoder().encode('other') });
    expect(bench.receive(forged)?.kind).toBe('log');
    expect(bench.receive(forged)).toBeUndefined();
    expect(bench.server.stats).toMatchObject({ badAuthenticators: 2, disconnectRequests: 0 });
  });

  it('[RFC 5176 §3.4] accepts a right Message-Authenticator and drops a wrong one', () => {
    const bench = new Bench();
    expect(bench.receive(request([user, signature]))?.kind).toBe('disconnect');
    const forged = encodeRadius({
      code: RadiusCode.DISCONNECT_REQUEST,
      identifier: 8,
      authenticator: ZEROS,
      attributes: [user, { ...signature, value: new Uint8Array(16).fill(1) }],
    });
    setRadiusAuthenticator(forged, SECRET);
    expect(bench.receive(forged)?.kind).toBe('log');
    const short = encodeRadius({
      code: RadiusCode.DISCONNECT_REQUEST,
      identifier: 9,
      authenticator: ZEROS,
      attributes: [user, { ...signature, value: new Uint8Array(15) }],
    });
    setRadiusAuthenticator(short, SECRET);
    expect(bench.receive(short)).toBeUndefined();
    expect(bench.server.stats.badAuthenticators).toBe(2);
  });

  it('[RFC 5176 §2.3] drops other codes and what is no packet, and ignores octets after the packet', () => {
    const bench = new Bench();
    expect(bench.receive(request([user], { code: RadiusCode.ACCESS_REQUEST }))).toBeUndefined();
    expect(bench.receive(request().subarray(0, 19))).toBeUndefined();
    expect(bench.receive(Uint8Array.of(...request(), 1, 2, 3))?.kind).toBe('disconnect');
    expect(bench.server.stats).toMatchObject({ wrongCodes: 1, malformed: 1, disconnectRequests: 1 });
  });

  it('[RFC 5176 §2.3] answers a duplicate again, and does nothing more', () => {
    const bench = new Bench();
    const id = idOf(bench.receive(request()));
    expect(bench.receive(request())).toBeUndefined();
    const reply = bench.server.answer(id);
    bench.seconds = 299;
    expect(bench.receive(request())).toEqual(reply);
    expect(bench.server.stats).toMatchObject({ disconnectRequests: 1, duplicates: 2 });
  });

  it('[RFC 5176 §2.3] takes another port, identifier or content for another request', () => {
    const bench = new Bench();
    const ids = [
      bench.receive(request()),
      bench.receive(request(), { port: 50_001 }),
      bench.receive(request([user], { identifier: 8 })),
      bench.receive(request([user, timestamp(START)])),
    ].map(idOf);
    expect(new Set(ids).size).toBe(4);
  });

  it('[RFC 5176 §6.3] drops a request whose Event-Timestamp is not of now', () => {
    const bench = new Bench();
    for (const off of [-301, 301]) expect(bench.receive(request([user, timestamp(START + off)]))).toBeUndefined();
    for (const off of [-300, 300])
      expect(bench.receive(request([user, timestamp(START + off)]))?.kind).toBe('disconnect');
    expect(bench.server.stats.stale).toBe(2);
  });

  it('[RFC 5176 §3.1] returns Proxy-State in its order, and drops what cannot be answered for its length', () => {
    const bench = new Bench();
    const states = [1, 2].map((fill) => ({ vendor: 0, type: 33, value: new Uint8Array(3).fill(fill) }));
    const reply = bench.server.answer(idOf(bench.receive(request([...states, user]))));
    const { attributes } = decodedValue(decodeRadius(reply?.octets as Uint8Array));
    expect(attributes.filter(({ type }) => type === 33)).toEqual(states);
    const many = Array.from({ length: 16 }, () => ({ vendor: 0, type: 33, value: new Uint8Array(249) }));
    expect(bench.receive(request(many))).toBeUndefined();
    expect(bench.server.stats.malformed).toBe(1);
  });

  it('[RFC 5176 §3.2] refuses a change of authorization that asks for a service by itself', () => {
    const bench = new Bench();
    const service = { vendor: 0, type: 6, value: Uint8Array.of(0, 0, 0, 17) };
    const output = bench.receive(request([user, service], { code: RadiusCode.COA_REQUEST }));
    expect(output?.kind === 'reply' && [output.octets[0], errorCause(output.octets)]).toEqual([
      RadiusCode.COA_NAK,
      405,
    ]);
  });

  it('[RFC 5176 §2.2] has any other carried out once, and answers it the same again', () => {
    const bench = new Bench();
    const asked = request([user], { code: RadiusCode.COA_REQUEST });
    const output = bench.receive(asked);
    expect(output?.kind).toBe('change');
    expect(bench.receive(asked)).toBeUndefined();
    const reply = bench.server.answer(output?.kind === 'change' ? output.id : 0);
    expect(reply?.octets[0]).toBe(RadiusCode.COA_ACK);
    expect(bench.receive(asked)).toEqual(reply);
    expect(bench.server.stats).toMatchObject({ coaRequests: 1, acknowledged: 1, duplicates: 2 });
  });

  it('remembers 16,384 requests of five minutes, and counts what it forgets earlier', () => {
    const bench = new Bench();
    const octets = request();
    for (let port = 1; port <= 16_385; port++) bench.receive(octets, { port });
    expect(bench.server.stats.forgotten).toBe(1);
    bench.seconds = 301;
    expect(bench.receive(octets, { port: 1 })?.kind).toBe('disconnect');
    expect(bench.server.stats).toMatchObject({ forgotten: 1, duplicates: 0 });
  });
});
