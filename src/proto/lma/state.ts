import type { IpAddress } from '#base/ip-address.ts';
import type { RateLimit } from '#base/rate-limit.ts';
import type { Instant } from '#base/time.ts';
import type { GreKeySpace } from '../gre-key-space.ts';
import type { HeartbeatMachine } from '../heartbeat/index.ts';
import type { PacedQueue } from '../paced-queue.ts';
import type { PeerMessages } from '../peer-messages.ts';
import type { RevocationSender } from '../revocation/sender.ts';
import type { AddressAllocator } from './address-allocator.ts';
import type { Binding } from './binding.ts';
import type { BindingTable } from './binding-table.ts';
import type { CareOfAddressPool } from './care-of-addresses.ts';
import type { LmaConfig, LmaOutput, LmaPeer, NaiProfile } from './events.ts';
import type { PendingAuthorizations } from './pending-authorizations.ts';
import type { Renewals } from './renewals.ts';
import type { ProxyBindingRequest } from './request.ts';
import type { LmaStats } from './stats.ts';
import type { LmaTimers } from './timers.ts';
import type { UpdateLimits } from './update-limits.ts';
import type { WaitingRequests } from './waiting-requests.ts';

/** Everything one LMA machine holds. The procedures of this folder are functions over it. */
export interface LmaState {
  config: LmaConfig;
  profiles: ReadonlyMap<string, NaiProfile>;
  /** Profiles by the service that they name. */
  services: ReadonlyMap<string, NaiProfile>;
  /** Configured peers by each of their address keys. */
  peers: ReadonlyMap<string, LmaPeer>;
  readonly heartbeats: HeartbeatMachine;
  /** Bindings of MAGs that restarted, by id, and when such a MAG was last heard before it did. */
  readonly invalidations: PacedQueue<string, Instant>;
  table: BindingTable;
  readonly renewals: Renewals;
  /** Bindings that are over, as long as a host may believe in what was granted: to know whose their addresses were, after a restart too. */
  readonly resting: BindingTable;
  readonly careOfAddresses: CareOfAddressPool;
  readonly allocator: AddressAllocator;
  readonly greKeys: GreKeySpace;
  readonly timers: LmaTimers;
  readonly waiting: WaitingRequests;
  readonly authorizations: PendingAuthorizations;
  readonly revocations: RevocationSender<RevocationSubject>;
  readonly stats: LmaStats;
  readonly peerMessages: PeerMessages;
  readonly updateLimits: UpdateLimits;
  readonly bindingErrorLimit: RateLimit;
  readonly peerLogLimit: RateLimit;
  outputs: LmaOutput[];
  /**
   * Registrations accepted at the instant of the last event, by binding: their answers can still be taken back. A new map each time: V8 has a cleared one hold on
   * to what was in it until the whole heap is collected.
   */
  unconfirmed: Map<string, UnconfirmedRegistration>;
  lastBindingNumber: number;
}

/** The peer's configured name; its address when it was learnt. */
export function peerName({ peers }: LmaState, address: IpAddress): string {
  return peers.get(address.key)?.name ?? `${address}`;
}

/** Configured, or learnt where MAGs are learnt. */
export function isServedPeer({ config, peers }: LmaState, address: IpAddress): boolean {
  return config.dynamicMagLearning || peers.has(address.key);
}

/** A registration whose forwarding the data plane has not been asked for yet. */
export interface UnconfirmedRegistration {
  /** The binding as it was; `undefined` when it is new. */
  readonly before: Binding | undefined;
  /** Each has been accepted. */
  readonly requests: ProxyBindingRequest[];
}

/** What a Binding Revocation Indication was about. */
export interface RevocationSubject {
  /** The id of a binding; for `all-of-mag` the MAG's address, as `aboutMag` has it. */
  readonly about: string;
  /** `unknown-handoff`: a question, which the MAG may answer with no. */
  readonly purpose: 'handover' | 'unknown-handoff' | 'administrative' | 'all-of-mag';
}
