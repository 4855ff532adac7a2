/** What is around a MAG in a burst of mobile nodes: an access point that accounts for them, a RADIUS server, and an anchor. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import {
  BindingAcknowledgementFlag,
  type BindingUpdate,
  decodeMobilityHeader,
  encodeMobilityHeader,
  findOption,
} from '#wire/mobility/index.ts';
import { MESSAGE_AUTHENTICATOR, setMessageAuthenticator, setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import { decodeRadius, encodeRadius, findRadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';

export const ANCHOR = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
export const GATEWAY = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;
export const ACCESS = 'acc';
/** Nodes whose profile the configuration has; one comes every 20 ms. */
export const LOCAL_NODES = 50;
const LOCAL_INTERVAL_MS = 20;

export const behaviours = ['answers in 50 ms', 'answers nothing', 'answers garbage', 'has a wrong secret'] as const;
export type Behaviour = (typeof behaviours)[number];

const SECRET = 'aaacisco';
const SERVER_PORTS = [1812, 1813];
const ACCESS_POINT_PORT = 1815;
const localMac = (i: number) => new MacAddress(0x0204, i);
const mac = (i: number) => new MacAddress(0x0200, i);

export const configurationText = `
hostname mag
radius-server timeout 1
radius-server retransmit 1
radius-server host 127.0.0.1 key ${SECRET}
aaa server radius proxy
  accounting port ${ACCESS_POINT_PORT}
  client 127.0.0.1
    key ${SECRET}
ipv6 mobile pmipv6-domain D
  mn-profile-load-aaa
  lma L
    ipv6-address ${ANCHOR}
${Array.from(
  { length: LOCAL_NODES },
  (_, i) => `  nai local${i}@example.com
    lma L
    service ipv6
    int att WLAN l2-addr ${localMac(i).toCiscoString()}
`,
).join('')}ipv6 mobile pmipv6-mag M domain D
  sessionmgr
  address ipv6 ${GATEWAY}
  interface ${ACCESS}
`;

/** The access point sends this many records in a millisecond, and each again after a second without an answer. */
const RECORDS_AT_ONCE = 50;
const AGAIN_MS = 1000;
const DELAY_MS = 50;

export class BurstPeers {
  /** By NAI: when it came, and its first Proxy Binding Update. */
  readonly #came = new Map<string, number>();
  readonly #registered = new Map<string, number>();
  readonly #anchor = new MobilitySocket(ANCHOR, () => {});
  readonly #behaviour: Behaviour;
  readonly #nodes: number;
  readonly #servers: readonly Socket[];
  /** Of the access point: each has an identifier for 256 records. */
  readonly #clients: readonly Socket[];
  /** By client and identifier. */
  readonly #unanswered = new Map<string, Uint8Array>();
  #timers: NodeJS.Timeout[] = [];
  #begun = 0;
  /** When a node was registered last, or the burst began. */
  lastRegistered = 0;

  static async open(behaviour: Behaviour, nodes: number): Promise<BurstPeers> {
    const servers = SERVER_PORTS.map((port) => socketAt(port));
    const clients = Array.from({ length: Math.ceil((nodes + LOCAL_NODES) / 256) }, () => socketAt(0));
    await Promise.all([...servers, ...clients].map((socket) => once(socket, 'listening')));
    return new BurstPeers(behaviour, nodes, servers, clients);
  }

  private constructor(behaviour: Behaviour, nodes: number, servers: readonly Socket[], clients: readonly Socket[]) {
    this.#behaviour = behaviour;
    this.#nodes = nodes;
    this.#servers = servers;
    this.#clients = clients;
    for (const server of servers) server.on('message', (octets, from) => this.#serve(server, octets, from));
    for (const [i, client] of clients.entries()) {
      client.on('message', (octets) => this.#unanswered.delete(`${i} ${octets[1]}`));
    }
  }

  /** Every node comes; the local ones in turn. */
  begin(): void {
    this.#begun = performance.now();
    this.lastRegistered = this.#begun;
    const all = Array.from({ length: this.#nodes }, (_, i) => i);
    const burst = setInterval(() => {
      for (const i of all.splice(0, RECORDS_AT_ONCE)) this.#come(`${mac(i).toCiscoString()}@example.com`, mac(i), i);
    }, 1);
    let local = 0;
    const others = setInterval(() => {
      if (local >= LOCAL_NODES) return;
      this.#come(`local${local}@example.com`, localMac(local), this.#nodes + local);
      local++;
    }, LOCAL_INTERVAL_MS);
    const again = setInterval(() => {
      for (const [key, octets] of this.#unanswered) this.#sendRecord(key, octets);
    }, AGAIN_MS);
    this.#timers = [burst, others, again];
  }

  get isComplete(): boolean {
    return this.#registered.size === this.#nodes + LOCAL_NODES;
  }

  /** What the MAG sent to its anchor, which accepts it. */
  receive(): void {
    this.#anchor.receive((_, octets) => {
      const decoded = decodeMobilityHeader(octets);
      if (decoded.ok && decoded.value.kind === 'binding-update') this.#accept(decoded.value);
    });
    this.#anchor.flush();
  }

  figures(): { readonly waits: readonly number[]; readonly localWaits: readonly number[]; readonly seconds: number } {
    const waits: number[] = [];
    const localWaits: number[] = [];
    let last = this.#begun;
    for (const [nai, at] of this.#registered) {
      const isLocal = nai.startsWith('local');
      (isLocal ? localWaits : waits).push(at - (this.#came.get(nai) ?? this.#begun));
      if (!isLocal) last = Math.max(last, at);
    }
    return { waits, localWaits, seconds: (last - this.#begun) / 1000 };
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#anchor.close();
    for (const socket of [...this.#servers, ...this.#clients]) socket.close();
  }

  #come(nai: string, station: MacAddress, session: number): void {
    this.#came.set(nai, performance.now());
    const octets = encodeRadius({
      code: RadiusCode.ACCOUNTING_REQUEST,
      identifier: session & 0xff,
      authenticator: new Uint8Array(16),
      attributes: [
        DICTIONARY.attribute('Acct-Status-Type', 1),
        DICTIONARY.attribute('Acct-Session-Id', `${session}`),
        DICTIONARY.attribute('NAS-Identifier', 'ap'),
        DICTIONARY.attribute('Calling-Station-Id', station.toString()),
      ],
    });
    setRadiusAuthenticator(octets, new TextEncoder().encode(SECRET));
    const key = `${session >> 8} ${session & 0xff}`;
    this.#unanswered.set(key, octets);
    this.#sendRecord(key, octets);
  }

  #sendRecord(key: string, octets: Uint8Array): void {
    this.#clients[Number.parseInt(key, 10)]?.send(octets, ACCESS_POINT_PORT, '127.0.0.1');
  }

  #serve(server: Socket, octets: Uint8Array, { port, address }: RemoteInfo): void {
    const decoded = decodeRadius(octets);
    if (!decoded.ok) return;
    const answer = this.#answerTo(decoded.value, octets);
    if (answer) this.#timers.push(setTimeout(() => server.send(answer, port, address, () => {}), DELAY_MS));
  }

  /** Accounting is answered in any case: the access point is not what is measured. */
  #answerTo(request: RadiusPacket, octets: Uint8Array): Uint8Array | undefined {
    if (request.code === RadiusCode.ACCOUNTING_REQUEST) {
      const answer = encodeRadius({ ...request, code: RadiusCode.ACCOUNTING_RESPONSE, attributes: [] });
      setRadiusAuthenticator(answer, new TextEncoder().encode(SECRET), request.authenticator);
      return answer;
    }
    if (this.#behaviour === 'answers nothing') return undefined;
    return this.#behaviour === 'answers garbage' ? octets.map((octet) => octet ^ 0x55) : this.#acceptance(request);
  }

  #acceptance(request: RadiusPacket): Uint8Array {
    const station = MacAddress.parse(new TextDecoder().decode(findRadiusAttribute(request, 1)));
    const attributes = [
      { vendor: 0, type: MESSAGE_AUTHENTICATOR, value: new Uint8Array(16) },
      ciscoPair('mn-nai', `${station?.toCiscoString()}@example.com`),
      ciscoPair('mn-service', 'ipv6'),
    ];
    const answer = encodeRadius({ ...request, code: RadiusCode.ACCESS_ACCEPT, attributes });
    const secret = new TextEncoder().encode(this.#behaviour === 'has a wrong secret' ? 'wrong' : SECRET);
    setMessageAuthenticator(answer, secret, request.authenticator);
    setRadiusAuthenticator(answer, secret, request.authenticator);
    return answer;
  }

  #accept(update: BindingUpdate): void {
    const nai = new TextDecoder().decode(findOption(update.options, 'mobile-node-identifier')?.identifier);
    if (!this.#registered.has(nai)) {
      this.lastRegistered = performance.now();
      this.#registered.set(nai, this.lastRegistered);
    }
    const { sequence, lifetime } = update;
    const prefix = new Ipv6Prefix(new Ipv6Address(0x20010db8, 0xf00d0000 | this.#registered.size, 0, 0), 64);
    const options = update.options.map((option) =>
      option.kind === 'home-network-prefix' ? { ...option, prefix } : option,
    );
    const answer = {
      kind: 'binding-acknowledgement',
      status: 0,
      flags: BindingAcknowledgementFlag.P,
      sequence,
      lifetime,
      options,
    } as const;
    this.#anchor.queue(GATEWAY, encodeMobilityHeader(answer));
  }
}

function socketAt(port: number): Socket {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.bind(port, '127.0.0.1');
  return socket;
}
