import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { type ClockReading, instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { RadiusClient, type RadiusOutput, type RadiusSend, type RadiusServer } from '#proto/radius/index.ts';
import {
  encodeStatusServer,
  isStatusAnswer,
  RADSEC_SECRET,
  RadiusStream,
  refuseRequest,
} from '#proto/radius/radsec.ts';
import { checkMessageAuthenticator, setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import { decodeRadius, encodeRadius, type RadiusAttribute, RadiusCode } from '#wire/radius.ts';
import { decodedValue } from '../../wire/vector.ts';

const entropy = (octets: number) => new Uint8Array(octets).fill(7);
const address = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
const timers = { timeout: seconds(3), retransmit: 2, messageAuthenticator: 'required' } as const;
const tls: RadiusServer = {
  address: address('192.0.2.1'),
  authenticationPort: 2083,
  accountingPort: 2083,
  secret: RADSEC_SECRET,
  transport: 'tls',
  ...timers,
};
const udp: RadiusServer = {
  ...tls,
  address: address('192.0.2.2'),
  authenticationPort: 1812,
  accountingPort: 1813,
  transport: 'udp',
};

const ask = (id: number, exchange: 'access' | 'accounting' = 'access') =>
  ({ kind: 'request', id, exchange, attributes: [DICTIONARY.attribute('User-Name', `user${id}`)] }) as const;

class Bench {
  readonly client: RadiusClient;
  now: ClockReading = { instant: instant(1000), utc: utcTime(1000) };

  constructor(...servers: RadiusServer[]) {
    this.client = new RadiusClient({ servers, deadTime: milliseconds(0) }, entropy);
  }

  handle(event: Parameters<RadiusClient['handle']>[0]): RadiusOutput[] {
    this.client.handle(event, this.now);
    return this.client.drain();
  }

  /** The machine's timeouts until then. */
  advance(duration: number): RadiusOutput[] {
    const at = this.now.instant + duration;
    this.now = { instant: instant(at), utc: utcTime(at) };
    return this.handle({ kind: 'timeout' });
  }

  answer(to: RadiusSend, code: number, attributes: readonly RadiusAttribute[] = []): RadiusOutput[] {
    const request = decodedValue(decodeRadius(to.octets));
    const octets = encodeRadius({ ...request, code, attributes });
    setRadiusAuthenticator(octets, to.server.secret, request.authenticator);
    const { address: from, authenticationPort: port } = to.server;
    return this.handle({ kind: 'datagram', from, port, slot: to.slot, octets });
  }
}

const sends = (outputs: readonly RadiusOutput[]) => outputs.filter((output) => output.kind === 'send');
const answers = (outputs: readonly RadiusOutput[]) =>
  outputs.flatMap((output) => (output.kind === 'answer' ? [[output.id, output.outcome]] : []));

describe('a stream of RADIUS packets', () => {
  const packets = [20, 4096, 21].map((length, code) => {
    const octets = new Uint8Array(length).fill(code + 1);
    new DataView(octets.buffer).setUint16(2, length);
    return octets;
  });

  it.each([1, 3, 19, 20, 4096, 5000])(
    '[RFC 6614 §3.4(1)] is cut at the lengths of the packets, in pieces of %i octets too',
    (size) => {
      const all = Buffer.concat(packets);
      const stream = new RadiusStream();
      const seen: Uint8Array[] = [];
      for (let at = 0; at < all.length; at += size) seen.push(...(stream.receive(all.subarray(at, at + size)) ?? []));
      expect(seen).toEqual(packets);
    },
  );

  it.each([0, 19, 4097, 65_535])('of packets of %i octets is none', (length) => {
    const octets = new Uint8Array(20);
    new DataView(octets.buffer).setUint16(2, length);
    expect(new RadiusStream().receive(octets)).toBeUndefined();
  });
});

describe('what is said over TLS beside requests', () => {
  it('asks whether the server is there, and knows the answer', () => {
    const question = encodeStatusServer(entropy);
    const packet = decodedValue(decodeRadius(question.octets));
    expect(packet).toMatchObject({ code: RadiusCode.STATUS_SERVER, identifier: 255 });
    expect(checkMessageAuthenticator(question.octets, RADSEC_SECRET, packet.authenticator)).toBe(true);
    const answer = (secret: Uint8Array, identifier = 255) => {
      const octets = encodeRadius({ ...packet, code: RadiusCode.ACCESS_ACCEPT, identifier, attributes: [] });
      setRadiusAuthenticator(octets, secret, packet.authenticator);
      return octets;
    };
    expect(isStatusAnswer(answer(RADSEC_SECRET), question)).toBe(true);
    expect(isStatusAnswer(answer(RADSEC_SECRET, 254), question)).toBe(false);
    expect(isStatusAnswer(answer(new Uint8Array(3)), question)).toBe(false);
  });

  it.each([
    [RadiusCode.COA_REQUEST, RadiusCode.COA_NAK],
    [RadiusCode.DISCONNECT_REQUEST, RadiusCode.DISCONNECT_NAK],
  ])('[RFC 6614 §2.5] refuses a request with code %i that comes over it', (code, refused) => {
    const attributes = [DICTIONARY.attribute('User-Name', 'mn0')];
    const request = encodeRadius({ code, identifier: 3, authenticator: entropy(16), attributes });
    const refusal = decodedValue(decodeRadius(refuseRequest(request) as Uint8Array));
    expect(refusal).toMatchObject({ code: refused, identifier: 3 });
    expect(DICTIONARY.find(refusal, 'Error-Cause')).toBe(406);
    expect(refuseRequest(encodeRadius({ ...refusal, code: RadiusCode.ACCESS_ACCEPT }))).toBeUndefined();
    expect(refuseRequest(request.subarray(0, 10))).toBeUndefined();
  });
});

describe('a RADIUS client with a server over TLS', () => {
  it('has one connection for all requests, with an identifier of its own for each and one spared', () => {
    const bench = new Bench(tls);
    const sent = Array.from({ length: 300 }, (_, i) => bench.handle(ask(i, i % 2 ? 'access' : 'accounting'))).flatMap(
      sends,
    );
    const identifiers = sent.map(({ octets }) => octets[1]);
    expect(new Set(identifiers).size).toBe(255);
    expect(identifiers).toHaveLength(255);
    expect(identifiers).not.toContain(255);
    expect(bench.client.snapshot()).toMatchObject([{ waiting: 255 }]);
    const outputs = bench.answer(sent[4] as RadiusSend, RadiusCode.ACCOUNTING_RESPONSE);
    expect(answers(outputs)).toEqual([[4, 'accept']]);
    expect(sends(outputs)).toHaveLength(1);
  });

  it('does not send again over the connection, and waits as long as for all transmissions over UDP', () => {
    const bench = new Bench(tls);
    bench.handle(ask(1));
    expect(bench.advance(8999)).toEqual([]);
    expect(answers(bench.advance(1))).toEqual([[1, 'no-answer']]);
  });

  it('asks the next server at once when the connection is lost, and the first again when it is there', () => {
    const bench = new Bench(tls, udp);
    bench.handle(ask(1));
    const moved = sends(bench.handle({ kind: 'connection', server: tls, up: false }));
    expect(moved.map(({ server }) => server)).toEqual([udp]);
    expect(sends(bench.handle(ask(2)))[0]?.server).toBe(udp);
    bench.handle({ kind: 'connection', server: tls, up: true });
    expect(sends(bench.handle(ask(3)))[0]?.server).toBe(tls);
  });

  it('answers at once while there is no connection and no other server', () => {
    const bench = new Bench(tls);
    bench.handle(ask(1));
    expect(answers(bench.handle({ kind: 'connection', server: tls, up: false }))).toEqual([[1, 'no-answer']]);
    expect(answers(bench.handle(ask(2)))).toEqual([[2, 'no-answer']]);
  });

  it('[RFC 6614 §2.5] sends no more accounting to a server that takes none, until the connection is made anew', () => {
    const bench = new Bench(tls, udp);
    const [first] = sends(bench.handle(ask(1, 'accounting')));
    const cause = DICTIONARY.attribute('Error-Cause', 406);
    const outputs = bench.answer(first as RadiusSend, RadiusCode.ACCOUNTING_RESPONSE, [cause]);
    expect(outputs).toMatchObject([
      { kind: 'log', code: 'radius-no-accounting' },
      { kind: 'send', server: udp },
    ]);
    expect(sends(bench.handle(ask(2, 'accounting')))[0]?.server).toBe(udp);
    expect(sends(bench.handle(ask(3)))[0]?.server).toBe(tls);
    bench.handle({ kind: 'connection', server: tls, up: true });
    expect(sends(bench.handle(ask(4, 'accounting')))[0]?.server).toBe(tls);
  });
});
