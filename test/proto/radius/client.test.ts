import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { SeededRandom } from '#base/random.ts';
import { type ClockReading, instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { RadiusClient, type RadiusClientConfig, type RadiusSend, type RadiusServer } from '#proto/radius/index.ts';
import {
  checkMessageAuthenticator,
  checkRadiusAuthenticator,
  hideUserPassword,
  radiusAuthenticator,
  setMessageAuthenticator,
} from '#wire/radius/authenticators.ts';
import { decodeRadius, encodeRadius, findRadiusAttribute, RadiusCode } from '#wire/radius.ts';
import { decodedValue } from '../../wire/vector.ts';

const SECRET = new TextEncoder().encode('aaacisco');
const first = server('192.0.2.1');
const second = server('192.0.2.2');

function server(address: string): RadiusServer {
  return {
    address: Ipv4Address.parse(address) as Ipv4Address,
    authenticationPort: 1812,
    accountingPort: 1813,
    secret: SECRET,
    timeout: seconds(3),
    retransmit: 2,
    transport: 'udp',
    messageAuthenticator: 'required',
  };
}

/** A client with its clock, its server's answers in the test's hands. */
class Bench {
  readonly client: RadiusClient;
  #milliseconds = 0;

  constructor(config: Partial<RadiusClientConfig> = {}) {
    const random = new SeededRandom(1);
    const entropy = (octets: number) => Uint8Array.from({ length: octets }, () => random.nextU32() & 0xff);
    this.client = new RadiusClient({ servers: [first], deadTime: milliseconds(0), ...config }, entropy);
  }

  get now(): ClockReading {
    return { instant: instant(this.#milliseconds), utc: utcTime(this.#milliseconds) };
  }

  ask(id: number, exchange: 'access' | 'accounting' = 'access'): void {
    this.client.handle({ kind: 'request', id, exchange, attributes: [text(1, `user${id}`)] }, this.now);
  }

  sent(): RadiusSend[] {
    return this.client.drain().filter((output) => output.kind === 'send');
  }

  answers(): (readonly [number, string])[] {
    return this.client
      .drain()
      .flatMap((output) => (output.kind === 'answer' ? [[output.id, output.outcome] as const] : []));
  }

  /** Lets time go on, each timeout at its instant. */
  wait(forMilliseconds: number): void {
    const end = this.#milliseconds + forMilliseconds;
    for (let at = this.client.nextTimeout(); at !== undefined && at <= end; at = this.client.nextTimeout()) {
      this.#milliseconds = at;
      this.client.handle({ kind: 'timeout' }, this.now);
    }
    this.#milliseconds = end;
  }

  /** What is due next, at its instant. */
  expire(): void {
    this.#milliseconds = this.client.nextTimeout() as number;
    this.client.handle({ kind: 'timeout' }, this.now);
  }

  answer(to: RadiusSend, code: number, secret = SECRET): void {
    this.deliver(to, response(to, code, secret));
  }

  deliver(to: RadiusSend, octets: Uint8Array): void {
    const port = to.exchange === 'access' ? to.server.authenticationPort : to.server.accountingPort;
    this.client.handle({ kind: 'datagram', from: to.server.address, port, slot: to.slot, octets }, this.now);
  }
}

function text(type: number, value: string) {
  return { vendor: 0, type, value: new TextEncoder().encode(value) };
}

function response(to: RadiusSend, code: number, secret: Uint8Array): Uint8Array {
  const request = decodedValue(decodeRadius(to.octets));
  const signature = { vendor: 0, type: 80, value: new Uint8Array(16) };
  const octets = encodeRadius({ ...request, code, attributes: [signature, text(18, 'hello')] });
  setMessageAuthenticator(octets, secret, request.authenticator);
  octets.set(radiusAuthenticator(octets, request.authenticator, secret), 4);
  return octets;
}

describe('a RADIUS client', () => {
  it('sends no more than 32 requests again in one go, and the others right after', () => {
    const bench = new Bench();
    for (let id = 1; id <= 100; id++) bench.ask(id);
    bench.sent();
    const due = bench.client.nextTimeout();
    const again = [];
    for (let step = 0; step < 4; step++) {
      expect(bench.client.nextTimeout()).toBe(due);
      bench.expire();
      again.push(bench.sent().length);
    }
    expect(again).toEqual([32, 32, 32, 4]);
    expect(bench.client.nextTimeout()).toBeGreaterThan(due as number);
  });

  it('[RFC 3579 §3.2] signs every Access-Request with a Message-Authenticator, and hides the password', () => {
    const bench = new Bench();
    const password = new TextEncoder().encode('cisco');
    bench.client.handle(
      { kind: 'request', id: 1, exchange: 'access', attributes: [text(1, 'mn')], password },
      bench.now,
    );
    const [sent] = bench.sent();
    const packet = decodedValue(decodeRadius((sent as RadiusSend).octets));
    expect(packet.code).toBe(RadiusCode.ACCESS_REQUEST);
    expect(packet.attributes[0]?.type).toBe(80);
    expect(checkMessageAuthenticator((sent as RadiusSend).octets, SECRET, packet.authenticator)).toBe(true);
    expect(findRadiusAttribute(packet, 2)).toEqual(hideUserPassword(password, packet.authenticator, SECRET));
  });

  it('[RFC 2866 §3] signs every Accounting-Request with its Request Authenticator', () => {
    const bench = new Bench();
    bench.ask(1, 'accounting');
    const [sent] = bench.sent();
    expect(checkRadiusAuthenticator((sent as RadiusSend).octets, SECRET)).toBe(true);
    bench.answer(sent as RadiusSend, RadiusCode.ACCOUNTING_RESPONSE);
    expect(bench.answers()).toEqual([[1, 'accept']]);
  });

  it('gives the answer to whom it is for, whatever the order', () => {
    const bench = new Bench();
    bench.ask(1);
    bench.ask(2);
    const [one, two] = bench.sent();
    bench.answer(two as RadiusSend, RadiusCode.ACCESS_REJECT);
    bench.answer(one as RadiusSend, RadiusCode.ACCESS_ACCEPT);
    expect(bench.answers()).toEqual([
      [2, 'reject'],
      [1, 'accept'],
    ]);
  });

  it('[RFC 2865 §4.4] takes an Access-Challenge for a reject', () => {
    const bench = new Bench();
    bench.ask(1);
    bench.answer(bench.sent()[0] as RadiusSend, RadiusCode.ACCESS_CHALLENGE);
    expect(bench.answers()).toEqual([[1, 'reject']]);
  });

  it('[RFC 2865 §3] drops an answer that another secret signed, and one to another request', () => {
    const bench = new Bench();
    bench.ask(1);
    bench.ask(2);
    const [one, two] = bench.sent() as [RadiusSend, RadiusSend];
    bench.answer(one, RadiusCode.ACCESS_ACCEPT, new TextEncoder().encode('wrong'));
    const forOther = response(one, RadiusCode.ACCESS_ACCEPT, SECRET);
    forOther[1] = two.octets[1] as number;
    bench.deliver(two, forOther);
    expect(bench.client.stats.badAuthenticators).toBe(2);
    expect(bench.answers()).toEqual([]);
    expect(bench.client.waiting).toBe(2);
  });

  it('discards an answer to an Access-Request without Message-Authenticator, and says so once, unless that is allowed for the server', () => {
    const unsigned = (to: RadiusSend, code: number): Uint8Array => {
      const request = decodedValue(decodeRadius(to.octets));
      const octets = encodeRadius({ ...request, code, attributes: [text(18, 'hello')] });
      octets.set(radiusAuthenticator(octets, request.authenticator, SECRET), 4);
      return octets;
    };
    const bench = new Bench();
    bench.ask(1);
    const [sent] = bench.sent() as [RadiusSend];
    const codes = [RadiusCode.ACCESS_ACCEPT, RadiusCode.ACCESS_REJECT, RadiusCode.ACCESS_CHALLENGE];
    for (const code of codes) bench.deliver(sent, unsigned(sent, code));
    const outputs = bench.client.drain();
    expect(outputs.map((output) => (output.kind === 'log' ? output.code : output.kind))).toEqual([
      'radius-no-message-authenticator',
    ]);
    expect(bench.client.stats).toMatchObject({ withoutMessageAuthenticator: 3, accepts: 0, rejects: 0 });
    bench.answer(sent, RadiusCode.ACCESS_REJECT);
    expect(bench.answers()).toEqual([[1, 'reject']]);

    const tolerant = new Bench({ servers: [{ ...first, messageAuthenticator: 'optional' }] });
    tolerant.ask(1);
    tolerant.ask(2, 'accounting');
    const [access] = tolerant.sent() as [RadiusSend];
    tolerant.deliver(access, unsigned(access, RadiusCode.ACCESS_ACCEPT));
    expect(tolerant.answers()).toEqual([[1, 'accept']]);
  });

  it('[RFC 2866 §5] takes an Accounting-Response without Message-Authenticator', () => {
    const bench = new Bench();
    bench.ask(1, 'accounting');
    const [sent] = bench.sent() as [RadiusSend];
    const request = decodedValue(decodeRadius(sent.octets));
    const octets = encodeRadius({ ...request, code: RadiusCode.ACCOUNTING_RESPONSE, attributes: [] });
    octets.set(radiusAuthenticator(octets, request.authenticator, SECRET), 4);
    bench.deliver(sent, octets);
    expect(bench.answers()).toEqual([[1, 'accept']]);
  });

  it('counts garbage, strangers, late and duplicate answers, and answers with another code', () => {
    const bench = new Bench();
    bench.ask(1);
    const [sent] = bench.sent() as [RadiusSend];
    bench.deliver(sent, new Uint8Array([2, 0, 0]));
    bench.client.handle(
      { kind: 'datagram', from: second.address, port: 1812, slot: 0, octets: sent.octets },
      bench.now,
    );
    bench.answer(sent, RadiusCode.COA_ACK);
    expect(bench.client.waiting).toBe(1);
    bench.answer(sent, RadiusCode.ACCESS_ACCEPT);
    bench.answer(sent, RadiusCode.ACCESS_ACCEPT);
    expect(bench.client.stats).toMatchObject({ malformed: 1, strangers: 1, wrongCodes: 1, unexpected: 1, accepts: 1 });
  });

  it('sends the same packet again, then asks the next server, then gives up', () => {
    const bench = new Bench({ servers: [first, second] });
    bench.ask(1);
    const [original] = bench.sent() as [RadiusSend];
    bench.wait(6000);
    expect(bench.sent().map(({ octets }) => octets)).toEqual([original.octets, original.octets]);
    bench.wait(3000);
    expect(bench.sent().map(({ server: { address } }) => address.toString())).toEqual(['192.0.2.2']);
    bench.wait(9000);
    expect(bench.answers()).toEqual([[1, 'no-answer']]);
    expect(bench.client.stats).toMatchObject({ retransmissions: 4, timeouts: 2, failovers: 1, noAnswer: 1 });
    expect(bench.client.nextTimeout()).toBeUndefined();
  });

  it('leaves a dead server alone for the dead time, then goes back to it', () => {
    const bench = new Bench({ servers: [first, second], deadTime: seconds(60) });
    bench.ask(1);
    bench.wait(9000);
    bench.answer(bench.sent().at(-1) as RadiusSend, RadiusCode.ACCESS_ACCEPT);
    bench.ask(2);
    expect(bench.sent().map(({ server: { address } }) => address.toString())).toEqual(['192.0.2.2']);
    bench.wait(60_000);
    bench.ask(3);
    expect(bench.sent().at(-1)?.server.address.toString()).toBe('192.0.2.1');
  });

  it('probes with one request when every server is thought dead, and answers the others at once', () => {
    const bench = new Bench({ deadTime: seconds(600) });
    bench.ask(1);
    bench.wait(9000);
    bench.client.drain();
    bench.ask(2);
    bench.ask(3);
    const outputs = bench.client.drain();
    expect(outputs.map(({ kind }) => kind)).toEqual(['send', 'answer']);
    bench.answer(outputs[0] as RadiusSend, RadiusCode.ACCESS_ACCEPT);
    bench.client.drain();
    bench.ask(4);
    bench.ask(5);
    expect(bench.sent()).toHaveLength(2);
    expect(bench.client.stats).toMatchObject({ serversDied: 1, serversRevived: 1 });
  });

  it('has 2,048 requests wait at a server, 8,192 more in a queue, and refuses what is beyond', () => {
    const bench = new Bench();
    for (let id = 0; id < 2048 + 8192 + 1; id++) bench.ask(id);
    const outputs = bench.client.drain();
    const sent = outputs.filter((output) => output.kind === 'send');
    expect(sent).toHaveLength(2048);
    expect(new Set(sent.map(({ slot, octets }) => `${slot} ${octets[1]}`)).size).toBe(2048);
    expect(outputs.filter((output) => output.kind === 'answer').map(({ outcome }) => outcome)).toEqual(['overload']);
    bench.answer(sent[7] as RadiusSend, RadiusCode.ACCESS_ACCEPT);
    expect(bench.client.drain().map(({ kind }) => kind)).toEqual(['answer', 'send']);
    bench.wait(60_000);
    expect(bench.client.waiting).toBe(0);
  });

  it('tells two servers at one address apart by their ports', () => {
    const other = { ...first, authenticationPort: 1645, accountingPort: 1646, retransmit: 0 };
    const bench = new Bench({ servers: [{ ...first, retransmit: 0 }, other] });
    bench.ask(1);
    bench.wait(3000);
    const sent = bench.sent().at(-1) as RadiusSend;
    expect(sent.server.authenticationPort).toBe(1645);
    bench.answer(sent, RadiusCode.ACCESS_ACCEPT);
    expect(bench.answers()).toEqual([[1, 'accept']]);
  });

  it('answers those that waited for a place when the servers are gone', () => {
    const bench = new Bench();
    for (let id = 0; id < 2050; id++) bench.ask(id);
    bench.client.drain();
    bench.client.handle({ kind: 'configure', config: { servers: [], deadTime: milliseconds(0) } }, bench.now);
    expect(bench.answers()).toHaveLength(2050);
    expect(bench.client.waiting).toBe(0);
    expect(bench.client.nextTimeout()).toBeUndefined();
  });

  it('tells at once that there is no server, and frees what is cancelled', () => {
    const bench = new Bench({ servers: [] });
    bench.ask(1);
    expect(bench.answers()).toEqual([[1, 'no-server']]);
    const other = new Bench();
    other.ask(1);
    other.client.handle({ kind: 'cancel', id: 1 }, other.now);
    expect(other.client.waiting).toBe(0);
    expect(other.client.nextTimeout()).toBeUndefined();
  });

  it('sends what a removed server was asked to another one, and keeps the rest', () => {
    const bench = new Bench({ servers: [first, second] });
    bench.ask(1);
    bench.sent();
    bench.client.handle({ kind: 'configure', config: { servers: [second], deadTime: milliseconds(0) } }, bench.now);
    const [again] = bench.sent() as [RadiusSend];
    expect(again.server.address.toString()).toBe('192.0.2.2');
    bench.answer(again, RadiusCode.ACCESS_ACCEPT);
    expect(bench.answers()).toEqual([[1, 'accept']]);
  });
});
