/** The gateway's addresses belong to the gateway: what is said when a mobile node says that they are its own. */
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { EtherType } from '#wire/ethernet.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import type { AccessContext } from './context.ts';
import type { Station } from './state.ts';

/**
 * A node said by ARP that it has the default router's address. RFC 5227 §2.4(c) "Ongoing Address Conflict Detection and Address
 * Defense": a host that must not give its address up "... MUST ... broadcast ... an ARP Announcement", once in DEFEND_INTERVAL. Each node of
 * the link with that router may have heard the claim, so each is told.
 */
export function defendDefaultRouter(access: AccessContext, claimant: Station, address: Ipv4Address): void {
  access.stats.gatewayClaims++;
  if (!access.limitsOf(claimant.interface).defencesIpv4.allows(access.instant)) return;
  logClaim(access, claimant, address.toString());
  const announcement = encodeArp({
    operation: ArpOperation.REQUEST,
    senderMac: access.config.linkLayer,
    senderAddress: address,
    targetMac: new MacAddress(0, 0),
    targetAddress: address,
  });
  for (const station of access.stations) {
    if (station.interface !== claimant.interface || !station.session?.homeAddress?.defaultRouter.equals(address))
      continue;
    access.stats.gatewayDefences++;
    access.transmit(station, EtherType.ARP, announcement);
  }
}

/** The same for the link-local address, where a node advertised it, or probes whether it is free. */
export function defendLinkLocal(access: AccessContext, claimant: Station, address: Ipv6Address): void {
  access.stats.gatewayClaims++;
  if (!access.limitsOf(claimant.interface).defencesIpv6.allows(access.instant)) return;
  logClaim(access, claimant, address.toString());
  for (const station of access.stations) {
    if (station.interface !== claimant.interface || !station.session?.linkLocal.equals(address)) continue;
    access.stats.gatewayDefences++;
    advertiseToAll(access, station, address);
  }
}

function advertiseToAll(access: AccessContext, station: Station, address: Ipv6Address): void {
  const payload = encodeIcmpv6(
    {
      kind: 'neighbor-advertisement',
      router: true,
      solicited: false,
      override: true,
      target: address,
      options: [{ kind: 'target-link-layer-address', mac: access.config.linkLayer }],
    },
    address,
    Ipv6Address.allNodes,
  );
  const fields = { nextHeader: ICMPV6_PROTOCOL, hopLimit: 255, source: address, destination: Ipv6Address.allNodes };
  access.transmit(station, EtherType.IPV6, encodeIpv6({ ...fields, payload }));
}

function logClaim(access: AccessContext, { mac, interface: at }: Station, address: string): void {
  const text = `${mac.toCiscoString()} on ${at} claims the gateway's address ${address}`;
  access.log('warn', 'gateway-address-claimed', text, { mac: mac.toCiscoString(), interface: at, address });
}
