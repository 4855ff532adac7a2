/** A MAG machine in virtual time, with a test's hand for its LMA. */
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import { instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import {
  type AttachTrigger,
  type DetachReason,
  type MagConfig,
  type MagEvent,
  MagMachine,
  type MagOutput,
  type SessionRecord,
  type SessionStoreChange,
} from '#proto/mag/index.ts';
import type { PeerAddress } from '#proto/peer.ts';
import {
  AccessTechnologyType,
  type BindingAcknowledgement,
  BindingAcknowledgementFlag,
  type BindingRevocationAcknowledgement,
  BindingRevocationFlag,
  BindingStatus,
  type BindingUpdate,
  findOption,
  MobileNodeIdentifierSubtype,
  type MobilityMessage,
  type MobilityOption,
  RevocationTrigger,
} from '#wire/mobility/index.ts';

export const MN = MacAddress.parse('0024.d78e.21a4') as MacAddress;
export const MN2 = MacAddress.parse('0024.d78e.21a5') as MacAddress;
export const LMA_ADDRESS = v6('2001:db8:cafe:1024::101');
export const MAG_ADDRESS = v6('2001:db8:cafe:1025::15');
export const LMA: PeerAddress = { transport: 'ipv6', local: MAG_ADDRESS, remote: LMA_ADDRESS };
export const LMA_IPV4 = v4('203.0.113.1');
export const MAG_IPV4 = v4('203.0.113.2');
/** The LMA over IPv4. */
export const LMA_UDP: PeerAddress = { transport: 'ipv4-udp', local: MAG_IPV4, remote: LMA_IPV4 };
export const HOME_ADDRESS = v4('192.0.2.1');
export const DEFAULT_ROUTER = v4('192.0.2.254');
export const PREFIX = p6('2001:db8:f00d:1::/64');
export const ACC0 = 'GigabitEthernet0/1/0.3074';
export const ACC1 = 'GigabitEthernet0/1/0.4001';

export function v4(text: string): Ipv4Address {
  return Ipv4Address.parse(text) as Ipv4Address;
}

export function v6(text: string): Ipv6Address {
  return Ipv6Address.parse(text) as Ipv6Address;
}

export function p6(text: string): Ipv6Prefix {
  return Ipv6Prefix.parse(text) as Ipv6Prefix;
}

export function magConfig(change: Partial<MagConfig> = {}): MagConfig {
  const profile = { nai: 'default_subscriber_profile', apn: 'example.com', service: 'dual' } as const;
  return {
    name: 'M1',
    domain: 'D1',
    addresses: { ipv6: MAG_ADDRESS },
    lmas: [{ name: 'lma1', ipv6: LMA_ADDRESS }],
    profiles: [profile],
    localProfiles: [],
    interfaces: [
      { name: ACC0, linkName: 'acc0', accessTechnology: AccessTechnologyType.IEEE_802_11, defaultProfile: profile },
      { name: ACC1, linkName: 'acc1', accessTechnology: AccessTechnologyType.IEEE_802_11, defaultProfile: profile },
    ],
    lifetime: seconds(3600),
    refreshTime: seconds(300),
    retransmitInitial: seconds(1),
    retransmitMaximum: seconds(32),
    bindingMaximum: 128000,
    tunnelMtu: 1452,
    bri: { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 },
    linkLocal: v6('fe80::200:5eff:fe00:5213'),
    linkLayer: MacAddress.pmipv6Mag,
    detection: undefined,
    ...change,
  };
}

export interface Answer {
  readonly status?: number;
  readonly flags?: number;
  readonly lifetimeSeconds?: number;
  readonly homeAddress?: string | null;
  readonly defaultRouter?: string | null;
  readonly prefixes?: readonly string[];
  /** Further options of the answer. */
  readonly more?: readonly MobilityOption[];
  /** Each option of the answer may be changed, or left out by `undefined`. */
  readonly option?: (option: MobilityOption) => MobilityOption | undefined;
}

export class MagDialogue {
  readonly mag: MagMachine;
  /** Everything since the last look. */
  outputs: MagOutput[] = [];
  /** Whether the mobile node answers when it is asked for. */
  present = true;
  readonly #kept = new Map<string, SessionRecord>();
  #now = 1000;
  readonly #epoch = Date.UTC(2026, 0, 1);

  constructor(change: Partial<MagConfig> = {}) {
    this.mag = new MagMachine(magConfig(change), new SeededRandom(1));
  }

  get utc(): number {
    return this.#epoch + this.#now;
  }

  /** What a store has of it now. */
  kept(): SessionRecord[] {
    return [...this.#kept.values()];
  }

  get now(): number {
    return this.#now;
  }

  handle(event: MagEvent): void {
    const now = { instant: instant(this.#now), utc: utcTime(this.#epoch + this.#now) };
    this.mag.handle(event, now);
    for (const output of this.mag.drain()) {
      if (output.kind !== 'ask-presence' || !this.present) this.outputs.push(output);
      else this.handle({ kind: 'heard', interface: output.interface, mac: output.mac });
      if (output.kind === 'store') this.#keep(output.change);
    }
  }

  attach(trigger: AttachTrigger = 'layer-2-update', at = ACC0, mac = MN): void {
    this.handle({ kind: 'attached', interface: at, mac, trigger });
  }

  detach(reason: DetachReason = 'station-left', at = ACC0, mac = MN): void {
    this.handle({ kind: 'detached', interface: at, mac, reason });
  }

  receive(message: MobilityMessage, from: PeerAddress = LMA): void {
    this.handle({ kind: 'message', from, message });
  }

  /** Lets time pass, with every timeout at its instant; a machine that never rests fails. */
  advance(duration: number): void {
    const end = this.#now + duration;
    for (let steps = 0; ; steps++) {
      const next = this.mag.nextTimeout();
      if (next === undefined || next > end) break;
      if (steps > 10_000) throw new Error('the machine never rests');
      this.#now = Math.max(this.#now, next);
      this.handle({ kind: 'timeout' });
    }
    this.#now = end;
  }

  /** The Proxy Binding Updates of the outputs so far, which are taken. */
  updates(): BindingUpdate[] {
    return this.#sent().filter((message) => message.kind === 'binding-update');
  }

  update(): BindingUpdate {
    const all = this.updates();
    if (all.length !== 1) throw new Error(`expected one Proxy Binding Update, saw ${all.length}`);
    return all[0] as BindingUpdate;
  }

  revocationAnswer(): BindingRevocationAcknowledgement {
    const all = this.#sent().filter((message) => message.kind === 'binding-revocation-acknowledgement');
    if (all.length !== 1) throw new Error(`expected one acknowledgement, saw ${all.length}`);
    return all[0] as BindingRevocationAcknowledgement;
  }

  /** Forwarding, session and log outputs in few words, in order; they are taken. */
  story(): string[] {
    return this.#take().flatMap((output) => (output.kind === 'store' ? [] : [describe(output)]));
  }

  /** Attaches and has the LMA accept; the outputs of that are gone. */
  becomeActive(answer: Answer = {}): BindingUpdate {
    this.attach();
    const update = this.update();
    this.receive(acknowledgement(update, answer));
    this.outputs = [];
    return update;
  }

  #keep(change: SessionStoreChange): void {
    if (change.kind === 'put') this.#kept.set(change.record.id, change.record);
    else this.#kept.delete(change.id);
  }

  #sent(): MobilityMessage[] {
    return this.#take().flatMap((output) => (output.kind === 'send' ? [output.message] : []));
  }

  #take(): MagOutput[] {
    const outputs = this.outputs;
    this.outputs = [];
    return outputs;
  }
}

/** The answer of an LMA that follows RFC 5213 §5.3.6. */
export function acknowledgement(update: BindingUpdate, answer: Answer = {}): BindingAcknowledgement {
  const status = answer.status ?? BindingStatus.ACCEPTED;
  const accepted = status < 128;
  const echoed = update.options.filter((option) =>
    [
      'mobile-node-identifier',
      'handoff-indicator',
      'access-technology-type',
      'mobile-node-link-layer-identifier',
      'timestamp',
    ].includes(option.kind),
  );
  const options: MobilityOption[] = [...echoed];
  if (accepted && findOption(update.options, 'home-network-prefix')) {
    for (const text of answer.prefixes ?? [PREFIX.toString()]) {
      options.push({ kind: 'home-network-prefix', prefix: p6(text), offLink: false });
    }
  }
  if (accepted && answer.homeAddress !== null && findOption(update.options, 'ipv4-home-address-request')) {
    const address = v4(answer.homeAddress ?? HOME_ADDRESS.toString());
    options.push({ kind: 'ipv4-home-address-reply', status: 0, prefixLength: 24, address });
    if (answer.defaultRouter !== null) {
      options.push({ kind: 'ipv4-default-router', address: v4(answer.defaultRouter ?? DEFAULT_ROUTER.toString()) });
    }
  }
  options.push(...(answer.more ?? []));
  const change = answer.option ?? ((option: MobilityOption) => option);
  return {
    kind: 'binding-acknowledgement',
    status,
    flags: answer.flags ?? BindingAcknowledgementFlag.P,
    sequence: update.sequence,
    lifetime: update.lifetime === 0 ? milliseconds(0) : seconds(answer.lifetimeSeconds ?? 3600),
    options: options.flatMap((option) => change(option) ?? []),
  };
}

export interface Revocation {
  readonly trigger?: number;
  readonly flags?: number;
  readonly options?: readonly MobilityOption[];
}

export function revocation(change: Revocation = {}): MobilityMessage {
  return {
    kind: 'binding-revocation-indication',
    trigger: change.trigger ?? RevocationTrigger.INTER_MAG_HANDOVER_SAME_ACCESS_TYPE,
    sequence: 0x4711,
    flags: change.flags ?? BindingRevocationFlag.P,
    options: change.options ?? [naiOption(MN.toCiscoString())],
  };
}

export function naiOption(nai: string): MobilityOption {
  return {
    kind: 'mobile-node-identifier',
    subtype: MobileNodeIdentifierSubtype.NAI,
    identifier: new TextEncoder().encode(nai),
  };
}

export function handoff(update: BindingUpdate): number | undefined {
  return findOption(update.options, 'handoff-indicator')?.indicator;
}

export function prefixesOf(update: BindingUpdate): string[] {
  return update.options.flatMap((option) => (option.kind === 'home-network-prefix' ? [option.prefix.toString()] : []));
}

export function requestedHomeAddress(update: BindingUpdate): string | undefined {
  const option = findOption(update.options, 'ipv4-home-address-request');
  return option && `${option.address}/${option.prefixLength}`;
}

function describe(output: Exclude<MagOutput, { kind: 'store' }>): string {
  switch (output.kind) {
    case 'send':
      return `send ${output.message.kind}`;
    case 'log':
      return `log ${output.code}`;
    case 'forward':
      return output.change.kind === 'clear'
        ? 'forward clear'
        : `forward set ${describeForwarding(output.change.forwarding)}`;
    case 'ask-presence':
      return `ask-presence on ${output.interface}${output.fresh ? ' at once' : ''}`;
    case 'session':
      return describeSession(output.change);
    case 'keep-alive':
      return `keep-alive from ${output.address}`;
    case 'profile-request':
      return `ask for the profile of ${output.mac} on ${output.interface}`;
    case 'profile-cancel':
      return `no longer ask for the profile of ${output.mac}`;
  }
}

function describeForwarding(
  forwarding: Extract<Extract<MagOutput, { kind: 'forward' }>['change'], { kind: 'set' }>['forwarding'],
): string {
  if (forwarding.kind !== 'access') return forwarding.kind;
  const path = forwarding.paths[0];
  return `${forwarding.homeAddress ?? '-'} ${forwarding.prefixes.join(',')} on ${forwarding.interface} via ${path.remote}`;
}

function describeSession(change: Extract<MagOutput, { kind: 'session' }>['change']): string {
  switch (change.kind) {
    case 'session-active': {
      const { session } = change;
      return `session-active ${session.homeAddress?.address ?? '-'} ${session.prefixes.join(',')} on ${session.interface}`;
    }
    case 'session-ended':
      return `session-ended ${change.reason} on ${change.interface}`;
    case 'session-refused':
      return `session-refused ${change.reason}`;
  }
}
