import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import { type ClockReading, instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { assembleAaa } from '#daemon/aaa/assemble-aaa.ts';
import { ProfileDesk } from '#daemon/aaa/profile-desk.ts';
import { ciscoPair } from '#proto/aaa/attributes.ts';
import { MagMachine, type MagOutput } from '#proto/mag/index.ts';
import { type RadiusAnswer, RadiusClient, type RadiusSend } from '#proto/radius/index.ts';
import { radiusAuthenticator, setMessageAuthenticator } from '#wire/radius/authenticators.ts';
import { decodeRadius, encodeRadius, findRadiusAttribute, RadiusCode } from '#wire/radius.ts';
import { read } from '../../config/read.ts';
import { decodedValue } from '../../wire/vector.ts';
import { ACC0, magConfig } from '../mag/dialogue.ts';

const SECRET = new TextEncoder().encode('aaacisco');
const NODES = 2000;
const LOCAL = MacAddress.parse('0200.ffff.0001') as MacAddress;
const TIMEOUT_MS = 5000;
const RETRANSMIT = 3;

/** What a server answers to a request; nothing, or octets that are on the way for 50 ms. */
type Server = (request: RadiusSend, number: number) => Uint8Array | undefined;

const accept =
  (secret: Uint8Array): Server =>
  ({ octets }) => {
    const request = decodedValue(decodeRadius(octets));
    const name = new TextDecoder().decode(findRadiusAttribute(request, 1));
    const signature = { vendor: 0, type: 80, value: new Uint8Array(16) };
    const attributes = [signature, ciscoPair('mn-nai', `${name}@example.com`), ciscoPair('mn-service', 'ipv4')];
    const answer = encodeRadius({ ...request, code: RadiusCode.ACCESS_ACCEPT, attributes });
    setMessageAuthenticator(answer, secret, request.authenticator);
    answer.set(radiusAuthenticator(answer, request.authenticator, secret), 4);
    return answer;
  };
const servers: Readonly<Record<string, Server>> = {
  'answers in 50 ms': accept(SECRET),
  'answers nothing': () => undefined,
  'has a wrong secret': accept(new TextEncoder().encode('wrong')),
  'answers garbage': (request, number) => {
    const octets = accept(SECRET)(request, number) as Uint8Array;
    const broken = [
      octets.subarray(0, number % octets.length),
      new Uint8Array(64).fill(number),
      octets.map((octet, at) => (at === 4 + (number % 16) ? octet ^ 1 : octet)),
      // Of another request.
      octets.map((octet, at) => (at === 1 ? octet ^ 1 : octet)),
    ];
    return broken[number % broken.length];
  },
};

interface OnTheWay {
  readonly at: number;
  readonly to: RadiusSend;
  readonly octets: Uint8Array;
}

/** A MAG and its RADIUS client in virtual time; when each node's registration left. */
class Bench {
  readonly registered = new Map<string, number>();
  readonly refused: number[] = [];
  readonly client: RadiusClient;
  readonly mag: MagMachine;
  logged = 0;
  sent = 0;
  mostUnderWay = 0;
  readonly #desk: ProfileDesk;
  readonly #config = magConfig({
    interfaces: [{ name: ACC0, linkName: 'acc0', accessTechnology: 4 }],
    profiles: [{ nai: 'local@example.com', service: 'ipv4' }],
    localProfiles: [{ mac: LOCAL, nai: 'local@example.com' }],
    aaa: { overrides: new Map(), service: 'ipv4', unlistedLma: {} },
  });
  readonly #server: Server;
  /** In their order. */
  readonly #onTheWay: OnTheWay[] = [];
  #now = 1000;

  constructor(server: Server) {
    this.#server = server;
    const random = new SeededRandom(7);
    const address = Ipv4Address.parse('192.0.2.1') as Ipv4Address;
    const ports = { authenticationPort: 1812, accountingPort: 1813 };
    const timers = {
      timeout: milliseconds(TIMEOUT_MS),
      retransmit: RETRANSMIT,
      transport: 'udp' as const,
      messageAuthenticator: 'required' as const,
    };
    this.client = new RadiusClient(
      { servers: [{ address, ...ports, secret: SECRET, ...timers }], deadTime: seconds(0) },
      (octets) => Uint8Array.from({ length: octets }, () => random.nextU32() & 0xff),
    );
    this.mag = new MagMachine(this.#config, random);
    const assembly = assembleAaa(read(''), 'mag1', () => undefined);
    let next = 1;
    this.#desk = new ProfileDesk(
      assembly,
      (message) => {
        if (message.kind === 'request' || message.kind === 'cancel') this.client.handle(message, this.now);
      },
      () => next++,
      'run',
    );
  }

  get now(): ClockReading {
    return { instant: instant(this.#now), utc: utcTime(this.#now) };
  }

  attach(mac: MacAddress): void {
    this.mag.handle({ kind: 'attached', interface: ACC0, mac, trigger: 'data' }, this.now);
    this.settle();
  }

  wait(forMilliseconds: number): void {
    const end = this.#now + forMilliseconds;
    for (;;) {
      const at = Math.min(
        this.client.nextTimeout() ?? Number.POSITIVE_INFINITY,
        this.#onTheWay[0]?.at ?? Number.POSITIVE_INFINITY,
      );
      if (at > end) break;
      this.#now = Math.max(this.#now, at);
      while ((this.#onTheWay[0]?.at ?? Number.POSITIVE_INFINITY) <= this.#now) this.#deliver();
      this.client.handle({ kind: 'timeout' }, this.now);
      this.settle();
    }
    this.#now = end;
  }

  settle(): void {
    for (let busy = true; busy; ) {
      const outputs = this.mag.drain();
      const radius = this.client.drain();
      busy = outputs.length + radius.length > 0;
      for (const output of outputs) this.#magOutput(output);
      for (const output of radius) {
        if (output.kind === 'send') this.#send(output);
        else if (output.kind === 'answer') this.#answer(output);
        else this.logged++;
      }
    }
    this.mostUnderWay = Math.max(this.mostUnderWay, this.client.waiting);
  }

  #magOutput(output: MagOutput): void {
    if (output.kind === 'profile-request' || output.kind === 'profile-cancel') {
      this.#desk.ask(this.#config, output, this.now.utc);
    } else if (output.kind === 'send' && output.message.kind === 'binding-update') {
      const nai = output.message.options.find((option) => option.kind === 'mobile-node-identifier');
      this.registered.set(new TextDecoder().decode(nai?.identifier), this.#now);
    } else if (output.kind === 'session' && output.change.kind === 'session-refused') this.refused.push(this.#now);
    else if (output.kind === 'log') this.logged++;
  }

  #answer(output: RadiusAnswer): void {
    const found = this.#desk.answer(output);
    if (found) this.mag.handle(found.answer, this.now);
  }

  #send(output: RadiusSend): void {
    const octets = this.#server(output, this.sent++);
    if (octets) this.#onTheWay.push({ at: this.#now + 50, to: output, octets });
  }

  #deliver(): void {
    const { to, octets } = this.#onTheWay.shift() as OnTheWay;
    const { server, slot } = to;
    this.client.handle({ kind: 'datagram', from: server.address, port: 1812, slot, octets }, this.now);
    this.settle();
  }
}

const nodes = Array.from({ length: NODES }, (_, i) => new MacAddress(0x0200, i));

/** All at once; 10 ms later one with a local profile. */
function burst(server: string): Bench {
  const bench = new Bench(servers[server] as Server);
  for (const mac of nodes) bench.attach(mac);
  bench.wait(10);
  bench.attach(LOCAL);
  return bench;
}

describe(`${NODES} mobile nodes at once, and a RADIUS server`, () => {
  it.each(Object.keys(servers))('that %s: a node that nobody needs to be asked about does not wait', (server) => {
    expect(burst(server).registered).toEqual(new Map([['local@example.com', 1010]]));
  });

  it('that answers in 50 ms: all of them are registered then', () => {
    const bench = burst('answers in 50 ms');
    bench.wait(40);
    expect(bench.registered.size).toBe(NODES + 1);
    expect(bench.client.waiting).toBe(0);
    expect(bench.sent).toBe(NODES);
    expect(bench.logged).toBe(0);
  });

  it.each(Object.keys(servers).slice(1))(
    'that %s: none of them is served, each is refused after the last time-out, and nothing is left of it',
    (server) => {
      const bench = burst(server);
      const patience = TIMEOUT_MS * (RETRANSMIT + 1);
      bench.wait(patience - 11);
      expect(bench.refused).toEqual([]);
      bench.wait(1);
      expect(bench.refused).toHaveLength(NODES);
      expect([...bench.registered.keys()]).toEqual(['local@example.com']);
      expect(bench.client.waiting).toBe(0);
      expect(bench.mostUnderWay).toBe(NODES);
      expect(bench.sent).toBe(NODES * (RETRANSMIT + 1));
      const { stats } = bench.client;
      const dropped = stats.badAuthenticators + stats.malformed + stats.unexpected;
      expect([stats.accepts, stats.noAnswer]).toEqual([0, NODES]);
      if (server === 'answers nothing') expect(dropped).toBe(0);
      // Some answers arrive after the end of what they are for.
      else expect(dropped).toBeGreaterThan(NODES * RETRANSMIT);
    },
  );

  it('that has a wrong secret: it is complained of once a minute, and each stranger is logged once, up to a limit', () => {
    const bench = burst('has a wrong secret');
    bench.wait(TIMEOUT_MS * (RETRANSMIT + 1));
    expect(bench.logged).toBe(1 + 1024);
  });

  it('that answers nothing, with ten times as many nodes: no more wait than have a place, the others are refused at once', () => {
    const bench = new Bench(servers['answers nothing'] as Server);
    for (let i = 0; i < 10 * NODES; i++) bench.attach(new MacAddress(0x0200, i));
    expect(bench.client.waiting).toBe(2048 + 8192);
    expect(bench.refused).toHaveLength(10 * NODES - 2048 - 8192);
    expect(bench.client.stats.overloads).toBe(10 * NODES - 2048 - 8192);
  });
});
