import { after, type ClockReading, type Duration } from '#base/time.ts';
import {
  type BindingAcknowledgement,
  BindingStatus,
  findOption,
  findOptions,
  statusName,
  timestampToUtc,
} from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import { acknowledgementChecks } from './checks.ts';
import type { MagContext } from './context.ts';
import type { SessionHomeAddress } from './events.ts';
import { abandon, closeRequest, finishRelease, hasLeft, retryAtOnce, startRequest } from './registration.ts';
import { announceSession, dropBinding, endRefused, endSession, setForwarding } from './session.ts';
import {
  type Binding,
  type Grant,
  isArrival,
  keepsAddresses,
  keepsPrefixes,
  type Request,
  requestedFamilies,
} from './state.ts';
import { refreshDelay } from './timers.ts';

/** RFC 5213 §6.9.1.2 "Receiving Proxy Binding Acknowledgement"; `from` is one of the configuration's LMAs. */
export function receiveAcknowledgement(mag: MagContext, from: PeerAddress, answer: BindingAcknowledgement): void {
  mag.stats.pbaReceived++;
  const binding = mag.bindings.awaiting(answer.sequence);
  const request = binding?.request;
  if (!binding || !request || !binding.lma.address.equals(asIpv6(from))) {
    mag.stats.pbaUnmatched++;
    return;
  }
  const failed = acknowledgementChecks.find((check) => !check.passes(answer, binding, request));
  if (failed) {
    mag.stats[failed.counter]++;
    logIgnored(mag, binding, failed.step, failed.rfc);
    if (failed.endsRequest) giveUp(mag, binding, request, 'the LMA answers with other options than those sent');
    return;
  }
  closeRequest(mag, binding);
  if (answer.status >= BindingStatus.REASON_UNSPECIFIED) reject(mag, binding, request, answer);
  else if (request.purpose === 'deregister') dropBinding(mag, binding);
  else if (request.purpose === 'release') finishRelease(mag, binding);
  else accept(mag, binding, request, answer);
}

function accept(mag: MagContext, binding: Binding, request: Request, answer: BindingAcknowledgement): void {
  const grant = readGrant(mag, request, answer);
  if (!grant) {
    mag.stats.pbaWithoutGrant++;
    endRefused(mag, binding, 'the LMA accepted, but assigned no address');
    return;
  }
  mag.stats.pbaAccepted++;
  const before = binding.granted;
  const changed = !before || !keepsAddresses(before, grant) || !keepsAddresses(grant, before);
  if (before && !keepsPrefixes(before, grant)) endSession(mag, binding, 'withdrawn');
  displaceHolders(mag, binding, grant);
  mag.bindings.grant(binding, grant);
  binding.state = 'ACTIVE';
  if (changed) setForwarding(mag, binding, grant);
  if (changed || request.purpose !== 'refresh' || before?.lifetime !== grant.lifetime)
    announceSession(mag, binding, grant);
  restartTimers(mag, binding, grant);
  if (!before) logRegistered(mag, binding, grant);
}

/**
 * Chooses: the latest word of the LMA on an address is the right one. A session of another mobile node that has it here is stale: its
 * revocation was lost. It ends first, and the LMA is told nothing, as it knows.
 */
function displaceHolders(mag: MagContext, binding: Binding, grant: Grant): void {
  for (const stale of mag.bindings.holders(grant)) {
    if (stale === binding) continue;
    mag.stats.bindingsDisplaced++;
    mag.log('warn', 'binding-displaced', `the LMA gave addresses of ${stale.nai} to ${binding.nai}`, {
      nai: stale.nai,
      interface: stale.interface.name,
      newNai: binding.nai,
      lma: binding.lma.name,
    });
    if (stale.state !== 'DISCONNECTING') endSession(mag, stale, 'withdrawn');
    dropBinding(mag, stale);
  }
}

function restartTimers(mag: MagContext, binding: Binding, grant: Grant): void {
  mag.timers.cancel(binding.refreshTimer);
  mag.timers.cancel(binding.expiryTimer);
  binding.refreshTimer = mag.setTimer(refreshDelay(mag.config, grant.lifetime), { kind: 'refresh', binding });
  binding.expiryTimer = mag.setTimer(grant.lifetime, { kind: 'expire', binding });
}

/** What was assigned of what was asked for; `undefined` when that is nothing. */
function readGrant(mag: MagContext, request: Request, answer: BindingAcknowledgement): Grant | undefined {
  const lifetime: Duration = answer.lifetime;
  const homeAddress = request.families.ipv4 ? readHomeAddress(answer) : undefined;
  const prefixes = request.families.ipv6
    ? findOptions(answer.options, 'home-network-prefix')
        .map((option) => option.prefix.network)
        .filter((prefix) => !prefix.isAllZero)
    : [];
  if (lifetime <= 0 || (!homeAddress && prefixes.length === 0)) return undefined;
  return { homeAddress, prefixes, lifetime, expires: after(mag.instant, lifetime) };
}

/**
 * RFC 5844 §3.2.3.2 "Receiving Proxy Binding Acknowledgement": "If there is no IPv4 Home Address Reply option present in the
 * received Proxy Binding Acknowledgement message, the mobile access gateway MUST NOT enable IPv4 support for the mobile node"; the
 * same with a status of rejection in it. "The default router address MUST be obtained from the IPv4 Default-Router Address option".
 * Differs: without the DHCP Support Mode option, or with its S flag 0, the RFC makes the gateway a DHCP relay; it serves here too,
 * as it has no relay.
 */
function readHomeAddress(answer: BindingAcknowledgement): SessionHomeAddress | undefined {
  const reply = findOption(answer.options, 'ipv4-home-address-reply');
  const router = findOption(answer.options, 'ipv4-default-router');
  if (!reply || reply.status >= 128 || reply.address.isUnspecified) return undefined;
  if (!router || router.address.isUnspecified) return undefined;
  return { address: reply.address, prefixLength: reply.prefixLength, defaultRouter: router.address };
}

function reject(mag: MagContext, binding: Binding, request: Request, answer: BindingAcknowledgement): void {
  mag.stats.pbaRejected++;
  logRejected(mag, binding, request, answer);
  if (request.purpose === 'deregister') {
    dropBinding(mag, binding);
    return;
  }
  if (request.purpose === 'release') {
    finishRelease(mag, binding);
    return;
  }
  binding.request = request;
  switch (answer.status) {
    case BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED:
    case BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW:
      // RFC 5213 §6.9.1.2(8): "the mobile access gateway SHOULD try to register again to reassert the mobile node's presence"
      if (hasLeft(request)) {
        abandon(mag, binding);
        return;
      }
      if (retryAtOnce(mag, binding, request)) return;
      break;
    case BindingStatus.PROXY_REG_NOT_ENABLED:
      // RFC 5213 §6.9.1.2(7): "SHOULD NOT send a Proxy Binding Update message again for that mobile node until an
      // administrative action is taken."
      mag.deny(binding.nai, { all: statusName(answer.status) });
      break;
    case BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE:
      if (denyFamily(mag, binding, 'ipv4')) return;
      break;
    case BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE:
      if (denyFamily(mag, binding, 'ipv6')) return;
      break;
    default:
      break;
  }
  // RFC 5213 §6.9.1.2(11): "the mobile access gateway MUST NOT advertise the mobile node's home network prefix(es) ... and MUST
  // deny the mobility service to the mobile node"
  endRefused(mag, binding, statusName(answer.status));
}

/**
 * RFC 5844 §3.2.3.2: "the mobile access gateway SHOULD NOT send a Proxy Binding Update message including a IPv4 Home Address
 * Request option until an administrative action is taken", and likewise for the prefixes. `true` when the other family was
 * asked for instead.
 */
function denyFamily(mag: MagContext, binding: Binding, family: 'ipv4' | 'ipv6'): boolean {
  mag.deny(binding.nai, { [family]: true });
  const left = requestedFamilies(binding.profile, mag.denial(binding.nai));
  if (!left.ipv4 && !left.ipv6) return false;
  startRequest(mag, binding, 'attach');
  return true;
}

/** Stops asking until the operator acts. A session that was granted before lasts as long as it was granted, but for an arrival. */
function giveUp(mag: MagContext, binding: Binding, request: Request, reason: string): void {
  closeRequest(mag, binding);
  if (request.purpose === 'deregister') dropBinding(mag, binding);
  else if (binding.granted && !isArrival(request)) binding.state = 'ACTIVE';
  else {
    mag.deny(binding.nai, { all: reason });
    endRefused(mag, binding, reason);
  }
}

function asIpv6(peer: PeerAddress) {
  return 'w0' in peer.remote ? peer.remote : undefined;
}

function logIgnored(mag: MagContext, binding: Binding, step: string, rfc: string): void {
  mag.log('warn', 'pba-ignored', `ignored an acknowledgement for ${binding.nai}: ${step}`, {
    nai: binding.nai,
    lma: binding.lma.name,
    step,
    rfc,
  });
}

/**
 * RFC 5213 §6.9.1.2(9): "SHOULD try to register again only after it has synchronized its clock to a common time source"; "SHOULD
 * NOT synchronize its clock to the local mobility anchor's system clock". So the operator is told how far the clocks are apart.
 */
function logRejected(mag: MagContext, binding: Binding, request: Request, answer: BindingAcknowledgement): void {
  const ahead = answer.status === BindingStatus.TIMESTAMP_MISMATCH ? clockAheadSeconds(mag, answer) : undefined;
  const name = statusName(answer.status);
  const clocks = ahead === undefined ? '' : `; the clocks are ${Math.abs(ahead)} s apart, synchronize both`;
  mag.log('warn', 'pbu-rejected', `the LMA rejected the ${request.purpose} of ${binding.nai}: ${name}${clocks}`, {
    nai: binding.nai,
    lma: binding.lma.name,
    purpose: request.purpose,
    status: answer.status,
    statusName: name,
    ...(ahead !== undefined && { clockAheadSeconds: ahead }),
  });
}

/** By how much this clock is ahead of the LMA's, to the millisecond. */
function clockAheadSeconds(mag: MagContext, answer: BindingAcknowledgement): number | undefined {
  const timestamp = findOption(answer.options, 'timestamp');
  return timestamp && Math.round((mag.now as ClockReading).utc - timestampToUtc(timestamp)) / 1000;
}

function logRegistered(mag: MagContext, binding: Binding, grant: Grant): void {
  mag.log('info', 'binding-active', `${binding.nai} is registered with ${binding.lma.name}`, {
    nai: binding.nai,
    interface: binding.interface.name,
    lma: binding.lma.name,
    homeAddress: grant.homeAddress?.address.toString() ?? '',
    prefixes: grant.prefixes.join(' '),
    lifetimeSeconds: grant.lifetime / 1000,
  });
}
