import { Ipv6Address } from '#base/ipv6-address.ts';
import { nextFraction } from '#base/random.ts';
import { type Duration, elapsed, milliseconds } from '#base/time.ts';
import { EtherType } from '#wire/ethernet.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL, type RouterAdvertisement } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import type { AccessSession } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { hostParameters } from './host-parameters.ts';
import type { Station } from './state.ts';
import {
  advertisementDelay,
  FINAL_ADVERTISEMENT_INTERVAL,
  FINAL_ADVERTISEMENTS,
  prefixLifetime,
  routerLifetime,
  SOLICITED_INTERVAL,
} from './timers.ts';

type AdvertisementOption = RouterAdvertisement['options'][number];

const NOTHING = milliseconds(0);
/** RFC 8200: an IPv6 link carries this at least, and so does the tunnel, in fragments if need be. */
const IPV6_MINIMUM_MTU = 1280;

/**
 * Advertises the home network prefixes to one mobile node, and sets the time of the next advertisement.
 * RFC 5213 §6.7 "Home Network Emulation": "the mobile access gateway SHOULD send the Router Advertisements advertising the mobile node's home network prefix(es) only after successfully completing the binding
 * registration"; §6.9.2 "Router Solicitation Messages" and §6.9.2(2): after a rejection it "MUST NOT advertise the mobile node's home network prefix(es)". There is a session after an acceptance only.
 * §6.9.3 "Default-Router": the addresses of source and link layer are those of FixedMAGLinkLocalAddressOnAllAccessLinks and FixedMAGLinkLayerAddressOnAllAccessLinks, which "SHOULD be used for this purpose".
 * RFC 5213 §6.9.1.2(14) "Receiving Proxy Binding Acknowledgement": "It MUST also advertise the mobile node's home network
 * prefix(es) as the hosted on-link prefixes".
 */
export function advertise(access: AccessContext, station: Station): void {
  const session = station.session;
  access.timers.cancel(station.advertiseTimer);
  if (!session || session.prefixes.length === 0) {
    adviseOfWithdrawal(access, station);
    return;
  }
  send(access, station, session.linkLocal, advertisement(access, station, session));
  access.stats.routerAdvertisementsSent++;
  station.advertisements++;
  station.lastAdvertised = access.instant;
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
 * The session, which took the place of `before`, has no longer all prefixes of it: the next advertisements take these back.
 * RFC 5213 §6.12 "Home Network Prefix Renumbering": "the mobile access gateway MUST withdraw the prefix(es) by sending a Router
 * Advertisement message on the access link with zero prefix lifetime for the prefix(es)".
 */
export function noteWithdrawn(station: Station, before: AccessSession | undefined, session?: AccessSession): void {
  const kept = session?.prefixes ?? [];
  const gone = (before?.prefixes ?? []).filter((prefix) => !kept.some((other) => other.equals(prefix)));
  const earlier = station.withdrawn.filter(({ prefix }) => ![...kept, ...gone].some((other) => other.equals(prefix)));
  station.withdrawn = [...earlier, ...gone.map((prefix) => ({ prefix, left: FINAL_ADVERTISEMENTS }))];
  station.withdrawn = station.withdrawn.slice(-WITHDRAWN_MAXIMUM);
  if (kept.length > 0) station.former = undefined;
  else if (before && before.prefixes.length > 0) station.former = before;
}

/** A node that is renumbered over and over is told of the latest only. */
const WITHDRAWN_MAXIMUM = 8;

/**
 * Of a session that was withdrawn: the gateway is no router for the node any more. RFC 4861 §6.2.5 "Ceasing To Be an Advertising Interface":
 * "the router SHOULD transmit one or more (but not more than MAX_FINAL_RTR_ADVERTISEMENTS) final multicast Router Advertisements on the interface with a Router Lifetime
 * field of zero."
 */
function adviseOfWithdrawal(access: AccessContext, station: Station): void {
  const prefixes = takeWithdrawn(station);
  if (prefixes.length === 0) return;
  const { former } = station;
  const source = former?.linkLocal ?? access.config.linkLocal;
  send(access, station, source, {
    ...CEASED,
    options: [
      { kind: 'source-link-layer-address', mac: access.config.linkLayer },
      ...prefixes.map(withdrawnPrefix),
      ...(former ? namingOptions(access, former, NOTHING) : []),
    ],
  });
  access.stats.routerAdvertisementsOfWithdrawal++;
  if (station.withdrawn.length === 0) return;
  station.advertiseTimer = access.setTimer(FINAL_ADVERTISEMENT_INTERVAL, { kind: 'advertise', station });
}

const CEASED: RouterAdvertisement = {
  kind: 'router-advertisement',
  hopLimit: 64,
  managed: false,
  otherConfig: false,
  routerLifetime: NOTHING,
  reachableTime: NOTHING,
  retransTimer: NOTHING,
  options: [],
};

/**
 * RFC 5213 §6.9.2(3): "The mobile access gateway SHOULD add the MTU option ... The MTU value SHOULD reflect the tunnel MTU".
 * All of it is the same at every MAG of the domain.
 */
function advertisement(access: AccessContext, station: Station, session: AccessSession): RouterAdvertisement {
  const lifetime = prefixLifetime(session.lifetime);
  const naming = namingOptions(access, session, routerLifetime(session.lifetime));
  return {
    ...CEASED,
    // RFC 4861 §4.2 "Router Advertisement Message Format": "the O flag ... indicates that other configuration information is available via DHCPv6".
    otherConfig: naming.length > 0,
    // RFC 4861 §6.2.5: "Note that system management may disable a router's IP forwarding capability ... In such cases, subsequent Router Advertisements MUST set the Router Lifetime field to zero."
    routerLifetime: access.config.routesIpv6 === false ? NOTHING : routerLifetime(session.lifetime),
    options: [
      { kind: 'source-link-layer-address', mac: session.linkLayer },
      { kind: 'mtu', mtu: Math.max(access.mtuOf(session), IPV6_MINIMUM_MTU) },
      ...session.prefixes.map(
        (prefix): AdvertisementOption => ({
          kind: 'prefix-information',
          prefix,
          onLink: true,
          autonomous: true,
          validLifetime: lifetime,
          preferredLifetime: lifetime,
        }),
      ),
      ...takeWithdrawn(station).map(withdrawnPrefix),
      ...naming,
    ],
  };
}

/**
 * RFC 8106 §5.1 "Recursive DNS Server Option", §5.2 "DNS Search List Option": "the value of Lifetime SHOULD by default be at least 3 * MaxRtrAdvInterval", which is
 * how long the router itself is good for; "A value of zero means that the RDNSS addresses MUST no longer be used", nor the domain.
 */
function namingOptions(access: AccessContext, session: AccessSession, lifetime: Duration): AdvertisementOption[] {
  const { dnsServers, domainName } = hostParameters(access.config, session).ipv6;
  const options: AdvertisementOption[] = [];
  if (dnsServers.length > 0) options.push({ kind: 'recursive-dns-server', lifetime, addresses: dnsServers });
  if (domainName) options.push({ kind: 'dns-search-list', lifetime, domains: [domainName] });
  return options;
}

/** Those to be taken back in the advertisement at hand; each is then left for one less. */
function takeWithdrawn(station: Station): Station['withdrawn'] {
  const withdrawn = station.withdrawn;
  station.withdrawn = withdrawn.flatMap(({ prefix, left }) => (left > 1 ? [{ prefix, left: left - 1 }] : []));
  return withdrawn;
}

function withdrawnPrefix({ prefix }: Station['withdrawn'][number]): AdvertisementOption {
  return {
    kind: 'prefix-information',
    prefix,
    onLink: true,
    autonomous: true,
    validLifetime: NOTHING,
    preferredLifetime: NOTHING,
  };
}

/** To all nodes, of whom there is one. */
function send(access: AccessContext, station: Station, source: Ipv6Address, message: RouterAdvertisement): void {
  const destination = Ipv6Address.allNodes;
  const payload = encodeIcmpv6(message, source, destination);
  const packet = encodeIpv6({ nextHeader: ICMPV6_PROTOCOL, hopLimit: 255, source, destination, payload });
  access.transmit(station, EtherType.IPV6, packet);
}
