import { fromHex } from '#base/bytes.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { ClockReading } from '#base/time.ts';
import { inSeconds } from '#base/time.ts';
import type { PathState } from '../heartbeat/index.ts';
import type { PeerAddress } from '../peer.ts';
import { transportOf } from '../peer.ts';
import { encapsulationName, keysOf } from '../tunnel-path.ts';
import type { Binding, CareOfAddress } from './binding.ts';
import { currentCareOf, pathOf } from './binding.ts';
import type { LmaState } from './state.ts';
import { peerName } from './state.ts';

/** A row of `show ipv6 mobile pmipv6 lma binding`; addresses as text, durations in seconds. */
export interface LmaBindingRow {
  readonly id: string;
  readonly domain: string;
  readonly customer: number;
  readonly nai: string;
  readonly state: Binding['state'];
  /** As `0024.d78e.21a4` when it has six octets; empty when the MAG named none. */
  readonly llid: string;
  readonly att: number;
  readonly apn: string | null;
  /** The MAG's configured name; its address when it was learnt. */
  readonly peer: string;
  /** `null` without an IPv4 home address. */
  readonly hoa: string | null;
  readonly hoaPrefixLength: number;
  readonly defaultRouter: string | null;
  readonly hnps: readonly string[];
  readonly lifetime: number;
  readonly lifetimeRemaining: number;
  /** UTC milliseconds of the registration at the current MAG. */
  readonly registeredAt: number;
  readonly careOfAddresses: readonly LmaCareOfRow[];
}

export interface LmaCareOfRow {
  readonly peer: string;
  readonly address: string;
  readonly local: string;
  /** How its MAG is spoken to. */
  readonly transport: PeerAddress['transport'];
  /** As IOS names a tunnel: `GRE in IPV4`. */
  readonly encapsulation: string;
  /** Of packets from the mobile node, and to it; 0 without a key. */
  readonly greKeyUpstream: number;
  readonly greKeyDownstream: number;
  /** Of the path to that MAG; `null` when it is not watched. */
  readonly path: PathState | null;
}

export function bindingRow(state: LmaState, binding: Binding, now: ClockReading | undefined): LmaBindingRow {
  const { mobileNode, homeAddress, prefixes } = binding;
  const profile = state.profiles.get(mobileNode.name) ?? state.config.defaultProfile;
  const remaining = now ? Math.max(0, binding.endsAt - now.instant) : 0;
  return {
    id: binding.id,
    domain: state.config.domain,
    customer: binding.customer,
    nai: mobileNode.name,
    state: binding.state,
    llid: linkLayerText(binding.interface.linkLayerIdentifier),
    att: binding.interface.accessTechnology,
    apn: binding.service ?? profile?.apn ?? null,
    peer: peerName(state, currentCareOf(binding).address),
    hoa: homeAddress?.address.toString() ?? null,
    hoaPrefixLength: homeAddress?.prefixLength ?? 0,
    defaultRouter: homeAddress?.defaultRouter.toString() ?? null,
    hnps: prefixes.map(String),
    lifetime: inSeconds(binding.lifetime),
    lifetimeRemaining: Math.round(remaining / 1000),
    registeredAt: binding.registeredAt,
    careOfAddresses: binding.careOfAddresses.map((careOf) => careOfRow(state, careOf)),
  };
}

function careOfRow(state: LmaState, careOf: CareOfAddress): LmaCareOfRow {
  const { address, local } = careOf;
  const tunnel = pathOf(careOf);
  const keys = keysOf(tunnel);
  return {
    peer: peerName(state, address),
    address: `${address}`,
    local: `${local}`,
    transport: transportOf(address),
    encapsulation: encapsulationName(tunnel),
    greKeyUpstream: keys?.receive ?? 0,
    greKeyDownstream: keys?.send ?? 0,
    path: state.heartbeats.pathState(address) ?? null,
  };
}

/** As `0024.d78e.21a4` when it has six octets. */
export function linkLayerText(hexadecimal: string): string {
  const octets = fromHex(hexadecimal);
  return octets?.length === 6 ? MacAddress.read(octets).toCiscoString() : hexadecimal;
}
