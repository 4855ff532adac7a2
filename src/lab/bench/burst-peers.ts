/** What is around a MAG in a burst of mobile nodes: an access point that accounts for them, a RADIUS server, and an anchor. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { PacketSocket } from '#host/packet-socket.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import {
  BindingAcknowledgementFlag,
  type BindingUpdate,
  decodeMobilityHeader,
  encodeMobilityHeader,
  findOption,
} from '#wire/mobility/index.ts';
import { setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import { decodeRadius, encodeRadius, RadiusCode, type RadiusPacket } from '#wire/radius.ts';
import { acceptance, accountingResponse, textIn } from '../radius-answers.ts';

export const ANCHOR = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
export const GATEWAY = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;
export const ACCESS = 'acc';
/** The other end of the access link. */
export const STATIONS = 'mn';

/**
 * Nodes that ask nothing of a server, as the configuration has their profile: those that the same access point tells of, those that a frame on the access link shows, and
 * those that are here already, and are refreshed.
 */
export const others = ['record', 'frame', 'refresh'] as const;
export type Other = (typeof others)[number];
/** Of each kind; one comes every 20 ms. */
export const OTHERS = 50;
const OTHER_INTERVAL_MS = 20;
/** What the anchor gives those that are refreshed: they are refreshed after half of it. */
const SHORT_LIFETIME = seconds(4);
const REFRESH_MS = 2000;

export const behaviours = ['answers in 50 ms', 'answers nothing', 'answers garbage', 'has a wrong secret'] as const;
export type Behaviour = (typeof behaviours)[number];

const SECRET = 'aaacisco';
const SERVER_PORTS = [1812, 1813];
const ACCESS_POINT_PORT = 1815;
const otherMac = (kind: Other, i: number) => new MacAddress(0x0204, (others.indexOf(kind) << 16) | i);
const otherNai = (kind: Other, i: number) => `${kind}${i}@example.com`;
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
${others
  .flatMap((kind) => Array.from({ length: OTHERS }, (_, i) => [otherNai(kind, i), otherMac(kind, i).toCiscoString()]))
  .map(
    ([nai, station]) => `  nai ${nai}
    lma L
    service ipv6
    int att WLAN l2-addr ${station}
`,
  )
  .join('')}ipv6 mobile pmipv6-mag M domain D
  sessionmgr
  discover-mn-detach 60 10
  address ipv6 ${GATEWAY}
  interface ${ACCESS}
`;

/** The access point sends this many records in a millisecond, and each again after a second without an answer. */
const RECORDS_AT_ONCE = 50;
const AGAIN_MS = 1000;
const DELAY_MS = 50;

/** Milliseconds that nodes waited. */
export interface BurstFigures {
  /** From coming to the first Proxy Binding Update. */
  readonly waits: readonly number[];
  /** The same of the others; of those that are refreshed, how late that was. */
  readonly otherWaits: Readonly<Record<Other, readonly number[]>>;
  /** From the beginning of the burst to its last Proxy Binding Update. */
  readonly seconds: number;
}

export class BurstPeers {
  /** By NAI: when it came, and its first Proxy Binding Update. */
  readonly #came = new Map<string, number>();
  readonly #registered = new Map<string, number>();
  /** By NAI: when the next refresh is due, and how late the first one after the beginning was. */
  readonly #due = new Map<string, number>();
  readonly #late = new Map<string, number>();
  readonly #anchor = new MobilitySocket(ANCHOR, () => {});
  readonly #stations = new PacketSocket(STATIONS, undefined);
  readonly #behaviour: Behaviour;
  readonly #nodes: number;
  readonly #servers: readonly Socket[];
  /** Of the access point: each has an identifier for 256 records. */
  readonly #clients: readonly Socket[];
  /** By client and identifier. */
  readonly #unanswered = new Map<string, Uint8Array>();
  #timers: NodeJS.Timeout[] = [];
  #begun: number | undefined;
  /** When a node was registered last, or the burst began. */
  lastRegistered = 0;

  static async open(behaviour: Behaviour, nodes: number): Promise<BurstPeers> {
    const servers = SERVER_PORTS.map((port) => socketAt(port));
    const clients = Array.from({ length: Math.ceil((nodes + 2 * OTHERS) / 256) }, () => socketAt(0));
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

  /** Those that are refreshed come, so that their refreshes are due from then on, after a second. */
  prepare(): void {
    this.#oneByOne((i) => this.#come(otherNai('refresh', i), otherMac('refresh', i), this.#nodes + OTHERS + i));
    const again = setInterval(() => {
      for (const [key, octets] of this.#unanswered) this.#sendRecord(key, octets);
    }, AGAIN_MS);
    this.#timers.push(again);
  }

  /** Whether those that are refreshed are here, and the first refresh is about to be due. */
  get isPrepared(): boolean {
    const [first = Number.POSITIVE_INFINITY] = this.#due.values();
    return this.#due.size === OTHERS && performance.now() > first - OTHER_INTERVAL_MS;
  }

  /** Every node comes; the others in turn. */
  begin(): void {
    this.#begun = performance.now();
    this.lastRegistered = this.#begun;
    const all = Array.from({ length: this.#nodes }, (_, i) => i);
    const burst = setInterval(() => {
      for (const i of all.splice(0, RECORDS_AT_ONCE)) this.#come(`${mac(i).toCiscoString()}@example.com`, mac(i), i);
    }, 1);
    this.#oneByOne((i) => {
      this.#come(otherNai('record', i), otherMac('record', i), this.#nodes + i);
      this.#show(i);
    });
    this.#timers.push(burst);
  }

  get isComplete(): boolean {
    return this.#registered.size === this.#nodes + others.length * OTHERS && this.#late.size === OTHERS;
  }

  /** What the MAG sent to its anchor, which accepts it. */
  receive(): void {
    this.#anchor.receive((_, octets) => {
      const decoded = decodeMobilityHeader(octets);
      if (decoded.ok && decoded.value.kind === 'binding-update') this.#accept(decoded.value);
    });
    this.#anchor.flush();
  }

  figures(): BurstFigures {
    const waits: number[] = [];
    const otherWaits: Record<Other, number[]> = { record: [], frame: [], refresh: [...this.#late.values()] };
    const begun = this.#begun ?? 0;
    let last = begun;
    for (const [nai, at] of this.#registered) {
      const kind = others.find((one) => nai.startsWith(one));
      const wait = at - (this.#came.get(nai) ?? begun);
      if (kind === undefined) {
        waits.push(wait);
        last = Math.max(last, at);
      } else if (kind !== 'refresh') otherWaits[kind].push(wait);
    }
    return { waits, otherWaits, seconds: (last - begun) / 1000 };
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#anchor.close();
    this.#stations.close();
    for (const socket of [...this.#servers, ...this.#clients]) socket.close();
  }

  #oneByOne(act: (i: number) => void): void {
    let next = 0;
    this.#timers.push(
      setInterval(() => {
        if (next < OTHERS) act(next++);
      }, OTHER_INTERVAL_MS),
    );
  }

  /** By the frame that an access point sends for a station that has come. */
  #show(i: number): void {
    this.#came.set(otherNai('frame', i), performance.now());
    this.#stations.queue(encodeLayer2Update(otherMac('frame', i)));
    this.#stations.flush();
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
    if (request.code === RadiusCode.ACCOUNTING_REQUEST) return accountingResponse(request, SECRET);
    if (this.#behaviour === 'answers nothing') return undefined;
    return this.#behaviour === 'answers garbage' ? octets.map((octet) => octet ^ 0x55) : this.#acceptance(request);
  }

  #acceptance(request: RadiusPacket): Uint8Array {
    const station = MacAddress.parse(textIn(request, 'User-Name'));
    const nai = ciscoPair('mn-nai', `${station?.toCiscoString()}@example.com`);
    const secret = this.#behaviour === 'has a wrong secret' ? 'wrong' : SECRET;
    return acceptance(request, secret, [nai, ciscoPair('mn-service', 'ipv6')]);
  }

  #accept(update: BindingUpdate): void {
    const nai = new TextDecoder().decode(findOption(update.options, 'mobile-node-identifier')?.identifier);
    const now = performance.now();
    if (!this.#registered.has(nai)) {
      this.lastRegistered = now;
      this.#registered.set(nai, now);
    }
    const isRefreshed = nai.startsWith('refresh');
    if (isRefreshed) this.#noteRefresh(nai, now);
    const { sequence } = update;
    const assigned = new Ipv6Prefix(new Ipv6Address(0x20010db8, 0xf00d0000 | this.#registered.size, 0, 0), 64);
    const options = update.options.map((option) =>
      option.kind === 'home-network-prefix' && option.prefix.isAllZero ? { ...option, prefix: assigned } : option,
    );
    const answer = {
      kind: 'binding-acknowledgement',
      status: 0,
      flags: BindingAcknowledgementFlag.P,
      sequence,
      lifetime: isRefreshed ? SHORT_LIFETIME : update.lifetime,
      options,
    } as const;
    this.#anchor.queue(GATEWAY, encodeMobilityHeader(answer));
  }

  #noteRefresh(nai: string, now: number): void {
    const due = this.#due.get(nai);
    if (due !== undefined && this.#begun !== undefined && !this.#late.has(nai)) this.#late.set(nai, now - due);
    this.#due.set(nai, now + REFRESH_MS);
  }
}

function socketAt(port: number): Socket {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.bind(port, '127.0.0.1');
  return socket;
}
