import { MacAddress } from '#base/mac-address.ts';
import type { AccessForwarding } from '#dataplane/desired.ts';
import { RevocationStatus } from '#wire/mobility/index.ts';
import type { MagContext } from './context.ts';
import type { AccessSession, SessionEnd } from './events.ts';
import { forgetSession, keepSession } from './records.ts';
import { acknowledgeRevocation } from './revocation-answer.ts';
import { type Binding, type Grant, isArrival } from './state.ts';
import { tellDropped } from './transition.ts';
import { hasOwnKey } from './tunnel.ts';
import { tunnelMtu } from './tunnel-mtu.ts';

/**
 * Sets forwarding up, or changes it: before the access link offers the addresses, so that the first packet finds its way. The session is
 * kept as it is now.
 */
export function setForwarding(mag: MagContext, binding: Binding, grant: Grant): void {
  keepSession(mag, binding, grant, 'after-reply');
  forward(mag, binding, grant);
}

/** Sets forwarding of a session up that is kept already. */
export function forward(mag: MagContext, binding: Binding, grant: Grant): void {
  mag.emit({ kind: 'forward', change: { kind: 'set', forwarding: accessForwarding(mag, binding, grant) } });
}

/**
 * Tells the access link to serve the mobile node. While an arrival waits for its answer there is nothing to tell: the node may have been
 * elsewhere, and what it has now is in the answer, which announces.
 */
export function announceSession(mag: MagContext, binding: Binding, grant: Grant): void {
  if (isArrival(binding.request)) return;
  mag.emit({ kind: 'session', change: { kind: 'session-active', session: accessSession(mag, binding, grant) } });
}

/** Takes forwarding and session away; what the LMA granted is kept for the messages that name it. */
export function endSession(mag: MagContext, binding: Binding, reason: SessionEnd): void {
  const interfaceName = binding.interface.name;
  if (binding.granted) {
    forgetSession(mag, binding);
    mag.emit({ kind: 'forward', change: { kind: 'clear', forwardingKind: 'access', id: forwardingId(binding) } });
  }
  mag.emit({ kind: 'session', change: { kind: 'session-ended', interface: interfaceName, mac: binding.mac, reason } });
}

/** Takes the entry off the list with all its timers. Its successor, if it is to have one, is registered when the event has been handled. */
export function dropBinding(mag: MagContext, binding: Binding): void {
  tellDropped(mag, binding);
  const request = binding.request;
  if (request) {
    mag.timers.cancel(request.timer);
    mag.bindings.forget(binding, request);
  }
  mag.timers.cancel(binding.refreshTimer);
  mag.timers.cancel(binding.expiryTimer);
  mag.timers.cancel(binding.sessionTimer);
  const { heldRevocation } = binding;
  if (heldRevocation) {
    mag.timers.cancel(heldRevocation.timer);
    acknowledgeRevocation(mag, heldRevocation.from, heldRevocation.indication, RevocationStatus.SUCCESS, 1);
  }
  mag.bindings.remove(binding);
  if (binding.downlinkKey !== undefined) mag.greKeys.giveBack(binding.downlinkKey);
  mag.recentlySent.keep(binding.mac, binding.sent);
  mag.stats.bindingsRemoved++;
  if (binding.successor) mag.successors.push(binding);
}

/** The LMA does not have the mobile node served: what it had is withdrawn. */
export function endRefused(mag: MagContext, binding: Binding, reason: string): void {
  if (binding.granted) endSession(mag, binding, 'withdrawn');
  dropBinding(mag, binding);
  refuse(mag, binding.interface.name, binding.mac, reason);
}

export function refuse(mag: MagContext, interfaceName: string, mac: MacAddress, reason: string): void {
  mag.emit({ kind: 'session', change: { kind: 'session-refused', interface: interfaceName, mac, reason } });
}

/** The binding whose forwarding has this id. */
export function bindingForwarded(mag: MagContext, id: string): Binding | undefined {
  const mac = MacAddress.parse(id);
  return mac && mag.bindings.get(mac);
}

function forwardingId(binding: Binding): string {
  return binding.mac.toString();
}

function accessForwarding(mag: MagContext, binding: Binding, grant: Grant): AccessForwarding {
  const { localRouting } = binding.profile;
  return {
    kind: 'access',
    id: forwardingId(binding),
    customer: 0,
    interface: binding.interface.name,
    mac: binding.mac,
    ...(grant.homeAddress && {
      homeAddress: grant.homeAddress.address,
      defaultRouter: grant.homeAddress.defaultRouter,
    }),
    homePrefixLength: grant.homeAddress?.prefixLength ?? 32,
    ...(!grant.linkLocal.equals(mag.config.linkLocal) && { linkLocal: grant.linkLocal }),
    prefixes: grant.prefixes,
    paths: [grant.path],
    ...(hasOwnKey(binding, grant.path) && { hasOwnKey: true }),
    ...(localRouting !== undefined && { localRouting }),
  };
}

function accessSession(mag: MagContext, binding: Binding, grant: Grant): AccessSession {
  return {
    interface: binding.interface.name,
    mac: binding.mac,
    nai: binding.nai,
    ...(grant.homeAddress && { homeAddress: grant.homeAddress }),
    ...(binding.lease && { lease: binding.lease }),
    prefixes: grant.prefixes,
    lifetime: grant.lifetime,
    mtu: Math.min(mag.config.tunnelMtu, tunnelMtu(grant.path, mag.pathMtu(grant.path.remote))),
    ...(binding.profile.network !== undefined && { network: binding.profile.network }),
    ...(binding.profile.naming && { naming: binding.profile.naming }),
    ...(grant.dhcpSupport && { dhcpSupport: grant.dhcpSupport }),
    ...(binding.profile.dhcpServer && { dhcpServer: binding.profile.dhcpServer }),
    linkLocal: grant.linkLocal,
    linkLayer: mag.config.linkLayer,
  };
}
