import { type FrameKind, frameKind } from './frame-kind.ts';
import { LinkTap, type TappedFrame } from './link-tap.ts';
import type { SignallingLog } from './signalling-log.ts';
import { type Gateway, stationMac } from './topology.ts';
import type { Family } from './traffic/protocol.ts';

/** When what first happened at a gateway after `begin`, milliseconds since 1970, by the kernel's timestamps. */
export interface GatewayEvents {
  /** The first frame of the station on the access link: normally the layer-2 update. */
  event?: number;
  eventKind?: FrameKind;
  bindingUpdate?: number;
  bindingAcknowledgement?: number;
  dhcpDiscover?: number;
  dhcpOffer?: number;
  dhcpRequest?: number;
  dhcpAck?: number;
  routerAdvertisement?: number;
  /** The first packet of a user to the station. */
  firstDownlink: { [F in Family]?: number };
  /** ARP requests and neighbor solicitations of the station: what a change of gateway would cost. */
  resolutions: number;
}

const outgoingSteps: Partial<Record<FrameKind, StepName>> = {
  'dhcp-offer': 'dhcpOffer',
  'dhcp-ack': 'dhcpAck',
  'router-advertisement': 'routerAdvertisement',
};
const incomingSteps: Partial<Record<FrameKind, StepName>> = {
  'dhcp-discover': 'dhcpDiscover',
  'dhcp-request': 'dhcpRequest',
};
type StepName = 'dhcpOffer' | 'dhcpAck' | 'routerAdvertisement' | 'dhcpDiscover' | 'dhcpRequest';

const station = stationMac.toBytes();

/** Listens at a gateway's access and transport interfaces. */
export class GatewayObserver {
  readonly #gateway: Gateway;
  readonly #access: LinkTap;
  readonly #transport: LinkTap;
  readonly #signalling: SignallingLog;
  #events: GatewayEvents = noEvents();

  constructor(gateway: Gateway, namespacePath: string, signalling: SignallingLog) {
    this.#gateway = gateway;
    this.#signalling = signalling;
    this.#access = new LinkTap(namespacePath, 'acc', { kind: 'station', mac: stationMac });
    this.#transport = new LinkTap(namespacePath, 'core', { kind: 'signalling' });
  }

  /** Forgets what was seen: the next events count from here. */
  begin(): void {
    this.events();
    this.#events = noEvents();
  }

  /** What was seen since `begin`, up to now. */
  events(): GatewayEvents {
    this.#access.drain((frame) => this.#onAccess(frame));
    this.#transport.drain((frame) => this.#onTransport(frame));
    return this.#events;
  }

  close(): void {
    this.#access.close();
    this.#transport.close();
  }

  #onAccess(frame: TappedFrame): void {
    const kind = frameKind(frame.bytes);
    if (frame.outgoing) this.#onDownlink(kind, frame);
    else if (isFrom(frame.bytes, station)) this.#onUplink(kind, frame.at);
  }

  #onUplink(kind: FrameKind, at: number): void {
    const events = this.#events;
    if (events.event === undefined) {
      events.event = at;
      events.eventKind = kind;
    }
    const step = incomingSteps[kind];
    if (step) events[step] ??= at;
    if (kind === 'arp' || kind === 'neighbor-discovery') events.resolutions++;
  }

  #onDownlink(kind: FrameKind, { at, bytes }: TappedFrame): void {
    const step = outgoingSteps[kind];
    if (step) this.#events[step] ??= at;
    if ((kind === 'ipv4' || kind === 'ipv6') && isTo(bytes, station)) this.#events.firstDownlink[kind] ??= at;
  }

  #onTransport(frame: TappedFrame): void {
    this.#signalling.add(this.#gateway, frame);
    const kind = frameKind(frame.bytes);
    if (kind === 'binding-update' && frame.outgoing) this.#events.bindingUpdate ??= frame.at;
    if (kind === 'binding-acknowledgement' && !frame.outgoing) this.#events.bindingAcknowledgement ??= frame.at;
  }
}

function noEvents(): GatewayEvents {
  return { firstDownlink: {}, resolutions: 0 };
}

function isTo(frame: Uint8Array, mac: Uint8Array): boolean {
  return mac.every((octet, i) => frame[i] === octet);
}

function isFrom(frame: Uint8Array, mac: Uint8Array): boolean {
  return mac.every((octet, i) => frame[6 + i] === octet);
}
