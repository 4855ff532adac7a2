import { Ipv6Address } from '#base/ipv6-address.ts';
import { nextFraction } from '#base/random.ts';
import { type Duration, elapsed, milliseconds } from '#base/time.ts';
import { EtherType } from '#wire/ethernet.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL, type RouterAdvertisement } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import type { AccessSession } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import type { Station } from './state.ts';
import { advertisementDelay, prefixLifetime, routerLifetime, SOLICITED_INTERVAL } from './timers.ts';

const NOTHING = milliseconds(0);

/**
 * Advertises the home network prefixes to one mobile node, and sets the time of the next advertisement.
 * RFC 5213 §6.9.1.2(14) "Receiving Proxy Binding Acknowledgement": "It MUST also advertise the mobile node's home network
 * prefix(es) as the hosted on-link prefixes".
 */
export function advertise(access: AccessContext, station: Station): void {
  const session = station.session;
  if (!session || session.prefixes.length === 0) return;
  send(access, station, advertisement(access, session, session.lifetime));
  access.stats.routerAdvertisementsSent++;
  station.advertisements++;
  station.lastAdvertised = access.instant;
  access.timers.cancel(station.advertiseTimer);
  const delay = advertisementDelay(session.lifetime, station.advertisements, nextFraction(access.random));
  station.advertiseTimer = access.setTimer(delay, { kind: 'advertise', station });
}

/**
 * RFC 5213 §6.9.2(1) "Router Solicitation Messages": "The mobile access gateway, on receiving the Router Solicitation message,
 * SHOULD send a Router Advertisement message containing the mobile node's home network prefix(es) as the on-link prefix(es).
 * However, ... it SHOULD complete the binding registration process" before: a solicitation that comes earlier is answered by the
 * advertisement of the new session. Differs: RFC 4861 §6.2.6 "Processing Router Solicitations" delays the answer by up to 0.5 s and
 * allows one in 3 s, so that the hosts of a link do not all speak at once; this one has a single host, and waits for us.
 */
export function answerSolicitation(access: AccessContext, station: Station): void {
  // The advertisement of a session that is being confirmed comes with its confirmation.
  if (!station.session || station.phase === 'confirming') return;
  const last = station.lastAdvertised;
  if (last !== undefined && elapsed(last, access.instant) < SOLICITED_INTERVAL) {
    access.stats.routerSolicitationsSuppressed++;
    return;
  }
  advertise(access, station);
}

/**
 * RFC 5213 §6.12 "Home Network Prefix Renumbering": "the mobile access gateway MUST withdraw the prefix(es) by sending a Router
 * Advertisement message on the access link with zero prefix lifetime for the prefix(es)".
 */
export function withdraw(access: AccessContext, station: Station, session: AccessSession): void {
  if (session.prefixes.length === 0) return;
  send(access, station, advertisement(access, session, undefined));
  access.stats.routerAdvertisementsOfWithdrawal++;
}

/**
 * RFC 5213 §6.9.2(3): "The mobile access gateway SHOULD add the MTU option ... The MTU value SHOULD reflect the tunnel MTU".
 * Without a `lifetime` it takes everything back. All of it is the same at every MAG of the domain.
 */
function advertisement(
  access: AccessContext,
  session: AccessSession,
  lifetime: Duration | undefined,
): RouterAdvertisement {
  const valid = lifetime === undefined ? NOTHING : prefixLifetime(lifetime);
  return {
    kind: 'router-advertisement',
    hopLimit: 64,
    managed: false,
    otherConfig: false,
    routerLifetime: lifetime === undefined ? NOTHING : routerLifetime(lifetime),
    reachableTime: NOTHING,
    retransTimer: NOTHING,
    options: [
      { kind: 'source-link-layer-address', mac: session.linkLayer },
      { kind: 'mtu', mtu: access.config.mtu },
      ...session.prefixes.map(
        (prefix) =>
          ({
            kind: 'prefix-information',
            prefix,
            onLink: true,
            autonomous: true,
            validLifetime: valid,
            preferredLifetime: valid,
          }) as const,
      ),
    ],
  };
}

/** To all nodes, of whom there is one. */
function send(access: AccessContext, station: Station, message: RouterAdvertisement): void {
  const source = access.config.linkLocal;
  const destination = Ipv6Address.allNodes;
  const payload = encodeIcmpv6(message, source, destination);
  const packet = encodeIpv6({ nextHeader: ICMPV6_PROTOCOL, hopLimit: 255, source, destination, payload });
  access.transmit(station, EtherType.IPV6, packet);
}
