import { inSeconds } from '#base/time.ts';
import type { PathState } from '../heartbeat/index.ts';
import type { PeerAddress } from '../peer.ts';
import { encapsulationName, keysOf } from '../tunnel-path.ts';
import type { MagContext } from './context.ts';
import type { Binding, BindingState } from './state.ts';

/** A row of `show ipv6 mobile pmipv6 mag binding`; addresses as text, durations in seconds. */
export interface MagBindingRow {
  readonly domain: string;
  readonly nai: string;
  readonly state: BindingState;
  /** The IOS name. */
  readonly interface: string;
  /** `null` without an IPv4 home address. */
  readonly hoa: string | null;
  readonly hoaPrefixLength: number;
  readonly defaultRouter: string | null;
  readonly att: number;
  /** As `0024.d78e.21a4`. */
  readonly llid: string;
  readonly hnps: readonly string[];
  readonly apn: string | null;
  readonly lma: string;
  readonly lmaAddress: string;
  /** Of the path to that LMA; `null` when it is not watched. */
  readonly path: PathState | null;
  readonly lifetime: number;
  readonly lifetimeRemaining: number;
  readonly refreshRemaining: number;
  /** Until the session ends, however often it is extended; absent where nothing ends it. */
  readonly sessionRemaining?: number;
  /** Names of attributes of its AAA profile that change nothing here; absent where there are none. */
  readonly profileWithoutEffect?: readonly string[];
  /** As IOS names a tunnel: `GRE in IPV4`; `null` before the LMA has answered. */
  readonly encapsulation: string | null;
  /** How the LMA is spoken to. */
  readonly transport: PeerAddress['transport'];
  /** 0 without a key, as is the other. */
  readonly greKeyUpstream: number;
  readonly greKeyDownstream: number;
}

export function bindingRow(mag: MagContext, binding: Binding): MagBindingRow {
  const { granted } = binding;
  const keys = granted && keysOf(granted.path);
  const remaining = (until: number | undefined) =>
    until === undefined || !mag.now ? 0 : Math.max(0, Math.round((until - mag.now.instant) / 1000));
  const refresh = binding.refreshTimer;
  return {
    domain: mag.config.domain,
    nai: binding.nai,
    state: binding.state,
    interface: binding.interface.name,
    hoa: granted?.homeAddress?.address.toString() ?? null,
    hoaPrefixLength: granted?.homeAddress?.prefixLength ?? 0,
    defaultRouter: granted?.homeAddress?.defaultRouter.toString() ?? null,
    att: binding.interface.accessTechnology,
    llid: binding.mac.toCiscoString(),
    hnps: granted?.prefixes.map(String) ?? [],
    apn: binding.profile.apn ?? null,
    lma: binding.lma.name,
    lmaAddress: binding.lma.address.toString(),
    path: mag.heartbeats.pathState(binding.lma.address) ?? null,
    lifetime: granted ? inSeconds(granted.lifetime) : 0,
    lifetimeRemaining: remaining(granted?.expires),
    refreshRemaining: remaining(refresh && !refresh.cancelled ? refresh.at : undefined),
    ...(binding.sessionEnds !== undefined && { sessionRemaining: remaining(binding.sessionEnds) }),
    ...(binding.profile.withoutEffect && { profileWithoutEffect: binding.profile.withoutEffect }),
    encapsulation: granted ? encapsulationName(granted.path) : null,
    transport: binding.peer.transport,
    greKeyUpstream: keys?.send ?? 0,
    greKeyDownstream: keys?.receive ?? 0,
  };
}
