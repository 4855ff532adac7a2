import type { AccessStats } from '#proto/access/stats.ts';
import type { StatsGroup } from './stats.ts';

/** What the access links of one MAG counted. */
export function accessGroups(stats: AccessStats): StatsGroup[] {
  return [...stationGroups(stats), ...serverGroups(stats), ...linkGroups(stats)];
}

function stationGroups(stats: AccessStats): StatsGroup[] {
  return [
    {
      title: 'Access, frames',
      counters: [
        ['Received', stats.framesReceived],
        ['Malformed', stats.framesMalformed],
        ['Unknown interface', stats.framesOnUnknownInterface],
        ['From own address', stats.framesFromOwnAddress],
        ['From group address', stats.framesFromGroupAddress],
        ['Tagged', stats.framesTagged],
        ['From strangers', stats.framesFromStrangersIgnored],
        ['Held for the binding', stats.packetsHeld],
        ['Held and forwarded', stats.packetsHeldForwarded],
        ['Not held, no room', stats.packetsNotHeld],
      ],
    },
    attachmentGroup(stats),
  ];
}

function serverGroups(stats: AccessStats): StatsGroup[] {
  return [
    {
      title: 'Access, DHCP',
      counters: [
        ['Received', stats.dhcpReceived],
        ['Offers sent', stats.dhcpOffersSent],
        ['Acks sent', stats.dhcpAcksSent],
        ['Naks sent', stats.dhcpNaksSent],
        ['Held for the binding', stats.dhcpHeld],
        ['Declined', stats.dhcpDeclined],
        ['After a decline', stats.dhcpAfterDecline],
        ['Released', stats.dhcpReleased],
        ['Without home address', stats.dhcpWithoutHomeAddress],
        ['Options left out', stats.dhcpOptionsLeftOut],
        ['Malformed', stats.dhcpMalformed],
        ['Foreign hardware address', stats.dhcpForeignHardwareAddress],
        ['From a relay', stats.dhcpRelayed],
        ['Relayed to servers', stats.dhcpRelayedToServer],
        ['Relayed to nodes', stats.dhcpRelayedToClient],
        ['Not relayed', stats.dhcpNotRelayed],
        ['Foreign address', stats.dhcpForeignAddress],
        ['No server to relay to', stats.dhcpNoServerToRelayTo],
        ['No address to relay from', stats.dhcpNoAddressToRelayFrom],
        ['For another server', stats.dhcpForOtherServer],
        ['Unexpected', stats.dhcpUnexpected],
      ],
    },
    {
      title: 'Access, DHCPv6',
      counters: [
        ['Received', stats.dhcpv6Received],
        ['Replies sent', stats.dhcpv6RepliesSent],
        ['Without session', stats.dhcpv6WithoutSession],
        ['Malformed', stats.dhcpv6Malformed],
        ['Unexpected', stats.dhcpv6Unexpected],
      ],
    },
  ];
}

function linkGroups(stats: AccessStats): StatsGroup[] {
  return [
    {
      title: 'Access, router advertisement',
      counters: [
        ['RS received', stats.routerSolicitationsReceived],
        ['RS invalid', stats.routerSolicitationsInvalid],
        ['RS suppressed', stats.routerSolicitationsSuppressed],
        ['RA sent', stats.routerAdvertisementsSent],
        ['RA of withdrawal sent', stats.routerAdvertisementsOfWithdrawal],
      ],
    },
    {
      title: 'Access, gateway address',
      counters: [
        ['NS invalid', stats.neighborSolicitationsInvalid],
        ['Claimed by nodes', stats.gatewayClaims],
        ['Defended', stats.gatewayDefences],
      ],
    },
  ];
}

function attachmentGroup(stats: AccessStats): StatsGroup {
  return {
    title: 'Access, attachment',
    counters: [
      ['Reported', stats.attachedReported],
      ['By layer-2 update', stats.attachedByLayer2Update],
      ['By access point', stats.attachedByHostapd],
      ['By control', stats.attachedByControl],
      ['By accounting', stats.attachedByAccounting],
      ['By DHCP', stats.attachedByDhcp],
      ['By router solicitation', stats.attachedByRouterSolicitation],
      ['By neighbor solicitation', stats.attachedByNeighborSolicitation],
      ['By ARP', stats.attachedByArp],
      ['By data', stats.attachedByData],
      ['Suppressed', stats.triggersSuppressed],
      ['Maximum reached', stats.stationsOverMaximum],
      ['Rate exceeded', stats.stationsOverRate],
      ['Probes sent', stats.probesSent],
      ['Detached, released', stats.detachedByRelease],
      ['Detached, no answer', stats.detachedByNoAnswer],
      ['Detached, by access point', stats.detachedByAccessPoint],
      ['Detached, by control', stats.detachedByControl],
      ['Between access points', stats.movesBetweenAccessPoints],
      ['Association ignored', stats.associationsIgnored],
      ['Association elsewhere', stats.associationsOnUnknownInterface],
    ],
  };
}
