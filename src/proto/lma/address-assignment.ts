import { appended } from '#base/appended.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Result } from '#base/result.ts';
import { err, ok } from '#base/result.ts';
import type { Instant } from '#base/time.ts';
import { BindingStatus } from '#wire/mobility/index.ts';
import type { AddressAllocator } from './address-allocator.ts';
import { ownerOf } from './address-allocator.ts';
import type { Binding, HomeAddress } from './binding.ts';
import type { CheckedRequest } from './checked-request.ts';
import type { NaiProfile } from './events.ts';
import type { LmaState } from './state.ts';
import type { LmaStats } from './stats.ts';

const NO_PREFIXES: Result<readonly Ipv6Prefix[], number> = ok([]);
const NO_HOME_ADDRESS: Result<undefined, number> = ok(undefined);

/** The addresses of a session after a request was accepted. */
export interface Assignment {
  readonly homeAddress: HomeAddress | undefined;
  readonly prefixes: readonly Ipv6Prefix[];
}

/** What is asked for, and where it may come from. */
interface Need {
  readonly request: CheckedRequest;
  readonly owner: Parameters<typeof ownerOf>[0];
  readonly network: string | undefined;
  readonly fixed: NonNullable<NaiProfile['fixed']>;
  readonly prefixMaximum: number;
  readonly allocator: AddressAllocator;
  readonly stats: LmaStats;
  readonly now: Instant;
}

/**
 * What the request asks for in addresses, of the profile or of the pools of its network. RFC 5213 §6.11(3) "Supporting DHCP-Based Address Configuration on the Access Link": the anchor "MUST assign all the prefixes associated with a given
 * link", at once; RFC 5213 §6.11(6): "the mobile node MUST always be assigned an identical set of IPv6 addresses regardless of the access link": a
 * session keeps what it has. The error is a status; nothing was taken then.
 * `held` is what an existing session has; `anew` tells whether it begins anew at the MAG of the request: what that does not ask for is released then.
 */
export function assignAddresses(
  request: CheckedRequest,
  owner: Parameters<typeof ownerOf>[0],
  held: Assignment | undefined,
  anew: boolean,
  { allocator, stats, config }: LmaState,
  now: Instant,
): Result<Assignment, number> {
  const { network, fixed = {} } = request.profile ?? {};
  const prefixMaximum = config.prefixMaximum ?? 1;
  const need: Need = { request, owner, network, fixed, prefixMaximum, allocator, stats, now };
  const prefixes = assignPrefixes(need, held?.prefixes ?? [], anew);
  if (!prefixes.ok) return prefixes;
  const homeAddress = assignHomeAddress(need, held?.homeAddress, anew);
  if (homeAddress.ok) return ok({ homeAddress: homeAddress.value, prefixes: prefixes.value });
  for (const prefix of prefixes.value)
    if (!held?.prefixes.includes(prefix)) allocator.releasePrefix(prefix, ownerOf(owner), now);
  return homeAddress;
}

export function sameAssignment(a: Assignment, b: Assignment): boolean {
  const sameHome = a.homeAddress ? a.homeAddress.address.equals(b.homeAddress?.address) : b.homeAddress === undefined;
  return sameHome && a.prefixes.length === b.prefixes.length && a.prefixes.every((p, i) => p.equals(b.prefixes[i]));
}

function assignPrefixes(need: Need, held: Binding['prefixes'], anew: boolean): Result<readonly Ipv6Prefix[], number> {
  const { prefixes, namedPrefixes } = need.request;
  // RFC 5844 §3.1.2.4(1) "Binding Lifetime Extension (after Handoff)": without a Home Network Prefix option in the request "the local
  // mobility anchor SHOULD release all the IPv6 home network prefix(es) assigned to that mobile node".
  if (prefixes.length === 0) return ok(anew ? [] : held);
  if (held.length > 0) return ok(held);
  if (need.fixed.prefixes) return claimFixedPrefixes(need, need.fixed.prefixes);
  // RFC 5844 §3.1.2.1(2) "Processing Proxy Binding Updates": "or IPv6 routing in not enabled in the home network". Chooses: such is a network that has addresses of the other family alone; one
  // that has none at all lacks resources.
  if (isOnlyOf(need, 'ipv4')) return err(BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE);
  if (namedPrefixes.length > need.prefixMaximum) return err(BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
  const named = claimPrefixes(need);
  if (!named.ok) return named;
  const wanted = Math.min(prefixes.length, need.prefixMaximum) - named.value.length;
  return allocatePrefixes(need, named.value, wanted);
}

function isOnlyOf({ allocator, network }: Need, family: 'ipv4' | 'ipv6'): boolean {
  return allocator.onlyFamilyOf(network) === family;
}

/** A mobile node that has prefixes of its own is authorized for these and for no others. */
function claimFixedPrefixes(
  { request, owner, allocator, stats, now }: Need,
  fixed: readonly Ipv6Prefix[],
): Result<readonly Ipv6Prefix[], number> {
  const isOwn = (named: Ipv6Prefix) => fixed.some((own) => own.network.equals(named.network));
  if (!request.namedPrefixes.every(isOwn)) return err(BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
  const claimed: Ipv6Prefix[] = [];
  for (const { network } of fixed) {
    if (allocator.claimFixedPrefix(network)) {
      claimed.push(network);
      continue;
    }
    for (const taken of claimed) allocator.releasePrefix(taken, ownerOf(owner), now);
    stats.fixedAddressTaken++;
    return err(BindingStatus.INSUFFICIENT_RESOURCES);
  }
  return ok(claimed);
}

/**
 * RFC 5213 §5.3.2(3) "Initial Binding Registration (New Mobility Session)": "the local mobility anchor, before accepting that request,
 * MUST ensure each one of those prefixes is owned by the local mobility anchor, and further that the mobile node is authorized to
 * use these prefixes." Chooses: who asks for a prefix of the pools of its network that nobody has is authorized to it.
 */
function claimPrefixes({ request, owner, network, allocator, now }: Need): Result<readonly Ipv6Prefix[], number> {
  if (request.namedPrefixes.length === 0) return NO_PREFIXES;
  const claimed: Ipv6Prefix[] = [];
  for (const named of request.namedPrefixes) {
    const prefix = allocator.claimPrefix(named, ownerOf(owner), network, now);
    if (prefix) {
      claimed.push(prefix);
      continue;
    }
    for (const taken of claimed) allocator.releasePrefix(taken, ownerOf(owner), now);
    return err(BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
  }
  return ok(claimed);
}

/**
 * RFC 5213 §5.3.2(1): "the local mobility anchor MUST allocate one or more home network prefixes"; it "MUST ensure the allocated prefix(es) is
 * not in use by any other node or mobility session." Chooses: one for each option of ALL_ZERO, up to the configured maximum, beside those
 * that are named. RFC 5213 §5.3.2(2): "If the local mobility anchor is unable to allocate any home network prefix for the mobile node, it MUST reject".
 * Chooses: fewer than asked for is enough.
 */
function allocatePrefixes(
  { owner, network, allocator, stats, now }: Need,
  named: readonly Ipv6Prefix[],
  wanted: number,
): Result<readonly Ipv6Prefix[], number> {
  let prefixes = named;
  for (let i = 0; i < wanted; i++) {
    const prefix = allocator.allocatePrefix(ownerOf(owner), network, now);
    if (!prefix) {
      stats.ipv6PoolExhausted++;
      break;
    }
    prefixes = appended(prefixes, prefix);
  }
  return prefixes.length > 0 ? ok(prefixes) : err(BindingStatus.INSUFFICIENT_RESOURCES);
}

/**
 * RFC 5844 §3.1.2.2(2) "Initial Binding Registration (New Mobility Session)": of an address that the request names the anchor "MUST ensure that the address is topologically anchored on the
 * local mobility anchor and furthermore that the mobile node is authorized to use that address."
 */
function assignHomeAddress(
  need: Need,
  held: HomeAddress | undefined,
  anew: boolean,
): Result<HomeAddress | undefined, number> {
  const asked = need.request.homeAddressRequests[0];
  if (!asked) return held && !anew ? ok(held) : NO_HOME_ADDRESS;
  const named = asked.address.isUnspecified ? undefined : asked.address;
  const { owner, network, fixed, allocator, stats, now } = need;
  const own = held ?? fixed.homeAddress;
  if (own && named && !named.equals(own.address)) return err(BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS);
  if (held) return ok(held);
  if (fixed.homeAddress) {
    if (allocator.claimFixedHomeAddress(fixed.homeAddress)) return ok(fixed.homeAddress);
    stats.fixedAddressTaken++;
    return err(BindingStatus.INSUFFICIENT_RESOURCES);
  }
  // RFC 5844 §3.1.2.1(3): "or if IPv4 routing is not enabled in the home network".
  if (isOnlyOf(need, 'ipv6')) return err(BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE);
  if (named) {
    const claimed = allocator.claimHomeAddress(named, ownerOf(owner), network, now);
    return claimed ? ok(claimed) : err(BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS);
  }
  // RFC 5844 §3.1.2.2(1): "the local mobility anchor MUST allocate an IPv4 home address to the mobile node".
  const allocated = allocator.allocateHomeAddress(ownerOf(owner), network, now);
  if (allocated) return ok(allocated);
  stats.ipv4PoolExhausted++;
  return err(BindingStatus.INSUFFICIENT_RESOURCES);
}
