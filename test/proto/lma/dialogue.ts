import { fromHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { ClockReading } from '#base/time.ts';
import { instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import type { Forwarding } from '#dataplane/desired.ts';
import type { LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import { decodeBindingRecord, encodeBindingRecord, LmaMachine } from '#proto/lma/index.ts';
import type { MessageEvent, PeerAddress } from '#proto/peer.ts';
import type {
  BindingAcknowledgement,
  BindingRevocationIndication,
  BindingUpdate,
  MobilityMessage,
  MobilityOption,
} from '#wire/mobility/index.ts';
import {
  BindingUpdateFlag,
  decodeMobilityHeader,
  encodeMobilityHeader,
  HandoffIndicator,
  timestampFromUtc,
} from '#wire/mobility/index.ts';

export const LMA = ipv6('2001:db8:cafe:1024::101');
export const MAG1 = ipv6('2001:db8:cafe:1025::15');
export const MAG2 = ipv6('2001:db8:cafe:1026::15');
export const LMA_IPV4 = ipv4('203.0.113.1');
export const MAG1_IPV4 = ipv4('203.0.113.15');
export const MAG2_IPV4 = ipv4('203.0.113.16');
export const STRANGER = ipv6('2001:db8:bad::1');
const START_UTC = Date.UTC(2026, 0, 15, 12);

export const baseConfig: LmaConfig = {
  name: 'lma1',
  domain: 'D1',
  addresses: { ipv6: LMA, ipv4: LMA_IPV4 },
  timestampWindow: seconds(7),
  timestampCheck: true,
  bindingMaximum: 100,
  maximumLifetime: seconds(3600),
  deleteWait: milliseconds(10_000),
  createWait: milliseconds(1500),
  bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 },
  peers: [
    { name: 'mag1', ipv6: MAG1, ipv4: MAG1_IPV4 },
    { name: 'mag2', ipv6: MAG2, ipv4: MAG2_IPV4 },
  ],
  dynamicMagLearning: false,
  profiles: [
    { nai: 'four@example.com', service: 'ipv4' },
    { nai: 'six@example.com', service: 'ipv6' },
  ],
  defaultProfile: { nai: 'default', service: 'dual', apn: 'internet' },
  pools: {
    ipv4: [{ low: ipv4('192.0.2.1'), high: ipv4('192.0.2.253'), prefixLength: 24, gateway: ipv4('192.0.2.254') }],
    ipv6: [{ prefix: ipv6Prefix('2001:db8:f00d::/48'), assignedLength: 64 }],
  },
};

/** What a Proxy Binding Update of these tests says; a dual-stack attachment unless told otherwise. `undefined` leaves an option out. */
export interface Update {
  nai?: string | undefined;
  from?: Ipv6Address | PeerAddress;
  handoff?: number | undefined;
  accessTechnology?: number | undefined;
  linkLayer?: string | undefined;
  prefixes?: readonly string[];
  home?: readonly string[];
  lifetimeSeconds?: number;
  sequence?: number;
  /** Milliseconds that the sender's clock is ahead; `undefined`: no Timestamp option. */
  clockAhead?: number | undefined;
  flags?: number;
  more?: readonly MobilityOption[];
}

/** One LMA machine, hand-made MAGs, and a clock that goes only when told. */
export class Dialogue {
  readonly lma: LmaMachine;
  readonly config: LmaConfig;
  readonly outputs: LmaOutput[] = [];
  readonly forwarding = new Map<string, Forwarding>();
  #elapsed = 0;
  #wallClock = START_UTC;
  #sequence = 0;

  constructor(config: Partial<LmaConfig> = {}) {
    this.config = { ...baseConfig, ...config };
    this.lma = new LmaMachine(this.config);
  }

  get now(): ClockReading {
    return { instant: instant(1000 + this.#elapsed), utc: utcTime(this.#wallClock + this.#elapsed) };
  }

  /** The time of day is set, as by an operator; the monotonic clock goes on. */
  setClockBack(ms: number): void {
    this.#wallClock -= ms;
  }

  /** Outputs of this one event, as they came. */
  tell(event: LmaEvent): readonly LmaOutput[] {
    this.lma.handle(event, this.now);
    const outputs = this.lma.drain();
    for (const output of outputs) this.#apply(output);
    this.outputs.push(...outputs);
    return outputs;
  }

  update(update: Update = {}, waiting: Pick<MessageEvent, 'waited'> = {}): readonly LmaOutput[] {
    return this.receive(update.from ?? MAG1, this.build(update), waiting);
  }

  /** Through the codec, as from the network. */
  receive(
    from: Ipv6Address | PeerAddress,
    message: MobilityMessage,
    waiting: Pick<MessageEvent, 'waited'> = {},
  ): readonly LmaOutput[] {
    const decoded = decodeMobilityHeader(encodeMobilityHeader(message));
    if (!decoded.ok) throw new Error(decoded.error.rule);
    return this.tell({
      kind: 'message',
      from: from instanceof Ipv6Address ? peer(from) : from,
      message: decoded.value,
      ...waiting,
    });
  }

  /** The acknowledgement of an update that must have one. */
  acknowledged(update: Update = {}): BindingAcknowledgement {
    const answer = answerIn(this.update(update));
    if (!answer) throw new Error('no acknowledgement');
    return answer;
  }

  /** Lets time pass, with every timeout at its instant. */
  pass(ms: number): readonly LmaOutput[] {
    const until = this.#elapsed + ms;
    const outputs: LmaOutput[] = [];
    for (let next = this.#nextTimeout(); next !== undefined && next <= until; next = this.#nextTimeout()) {
      this.#elapsed = Math.max(this.#elapsed, next);
      outputs.push(...this.tell({ kind: 'timeout' }));
    }
    this.#elapsed = until;
    return outputs;
  }

  build(update: Update): BindingUpdate {
    const nai = 'nai' in update ? update.nai : 'mn1@example.com';
    const handoff = 'handoff' in update ? update.handoff : HandoffIndicator.NEW_INTERFACE;
    const technology = 'accessTechnology' in update ? update.accessTechnology : 4;
    const linkLayer = 'linkLayer' in update ? update.linkLayer : '0024d78e21a4';
    const clockAhead = 'clockAhead' in update ? update.clockAhead : 0;
    const options: MobilityOption[] = [];
    if (nai !== undefined) options.push(mobileNodeIdentifier(nai));
    for (const prefix of update.prefixes ?? ['::/0']) {
      options.push({ kind: 'home-network-prefix', prefix: ipv6Prefix(prefix), offLink: false });
    }
    if (handoff !== undefined) options.push({ kind: 'handoff-indicator', indicator: handoff });
    if (technology !== undefined) options.push({ kind: 'access-technology-type', accessTechnology: technology });
    if (clockAhead !== undefined) options.push(timestampFromUtc(utcTime(this.now.utc + clockAhead)));
    if (linkLayer !== undefined) {
      options.push({ kind: 'mobile-node-link-layer-identifier', identifier: fromHex(linkLayer) as Uint8Array });
    }
    for (const home of update.home ?? ['0.0.0.0']) {
      options.push({
        kind: 'ipv4-home-address-request',
        prefixLength: home === '0.0.0.0' ? 0 : 24,
        address: ipv4(home),
      });
    }
    return {
      kind: 'binding-update',
      sequence: update.sequence ?? ++this.#sequence,
      flags: update.flags ?? BindingUpdateFlag.A | BindingUpdateFlag.P,
      lifetime: seconds(update.lifetimeSeconds ?? 3600),
      options: [...options, ...(update.more ?? [])],
    };
  }

  #nextTimeout(): number | undefined {
    const next = this.lma.nextTimeout();
    return next === undefined ? undefined : next - 1000;
  }

  #apply(output: LmaOutput): void {
    if (output.kind !== 'forward') return;
    if (output.change.kind === 'set') this.forwarding.set(output.change.forwarding.id, output.change.forwarding);
    else this.forwarding.delete(output.change.id);
  }
}

export function answerIn(outputs: readonly LmaOutput[]): BindingAcknowledgement | undefined {
  for (const output of outputs) {
    if (output.kind === 'send' && output.message.kind === 'binding-acknowledgement') return output.message;
  }
  return undefined;
}

export function revocationsIn(outputs: readonly LmaOutput[]): { to: string; message: BindingRevocationIndication }[] {
  return outputs.flatMap((output) =>
    output.kind === 'send' && output.message.kind === 'binding-revocation-indication'
      ? [{ to: `${output.to.remote}`, message: output.message }]
      : [],
  );
}

/** What the outputs are about, without the logs: `['store', 'forward', 'binding-acknowledgement']`. */
export function kindsOf(outputs: readonly LmaOutput[]): string[] {
  return outputs.flatMap((output) => {
    if (output.kind === 'log') return [];
    return output.kind === 'send' ? [output.message.kind] : [output.kind];
  });
}

/** The records as a store gives them back. */
export function kept(records: readonly BindingRecord[]): BindingRecord[] {
  return records.map(
    (record) => decodeBindingRecord(record.id, encodeBindingRecord(record)) ?? fault(`record ${record.id}`),
  );
}

export function mobileNodeIdentifier(nai: string): MobilityOption {
  return { kind: 'mobile-node-identifier', subtype: 1, identifier: new TextEncoder().encode(nai) };
}

export function peer(remote: Ipv6Address): PeerAddress {
  return { transport: 'ipv6', local: LMA, remote };
}

/** The MAG of this address over IPv4. */
export function udpPeer(remote: Ipv4Address, port = 5436): PeerAddress {
  return { transport: 'ipv4-udp', local: LMA_IPV4, remote, port };
}

export function ipv6(text: string): Ipv6Address {
  return Ipv6Address.parse(text) ?? fault(text);
}

export function ipv4(text: string): Ipv4Address {
  return Ipv4Address.parse(text) ?? fault(text);
}

export function ipv6Prefix(text: string): Ipv6Prefix {
  return Ipv6Prefix.parse(text) ?? fault(text);
}

function fault(text: string): never {
  throw new Error(`not an address: ${text}`);
}
