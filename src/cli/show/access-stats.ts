import type { AccessStats } from '#proto/access/stats.ts';
import type { StatsGroup } from './stats.ts';

/** What the access links of one MAG counted. */
export function accessGroups(stats: AccessStats): StatsGroup[] {
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
    {
      title: 'Access, attachment',
      counters: [
        ['Reported', stats.attachedReported],
        ['By layer-2 update', stats.attachedByLayer2Update],
        ['By DHCP', stats.attachedByDhcp],
        ['By router solicitation', stats.attachedByRouterSolicitation],
        ['By neighbor solicitation', stats.attachedByNeighborSolicitation],
        ['By ARP', stats.attachedByArp],
        ['By data', stats.attachedByData],
        ['Suppressed', stats.triggersSuppressed],
        ['Maximum reached', stats.stationsOverMaximum],
        ['Probes sent', stats.probesSent],
        ['Detached, released', stats.detachedByRelease],
        ['Detached, no answer', stats.detachedByNoAnswer],
      ],
    },
    {
      title: 'Access, DHCP',
      counters: [
        ['Received', stats.dhcpReceived],
        ['Offers sent', stats.dhcpOffersSent],
        ['Acks sent', stats.dhcpAcksSent],
        ['Naks sent', stats.dhcpNaksSent],
        ['Held for the binding', stats.dhcpHeld],
        ['Declined', stats.dhcpDeclined],
        ['Released', stats.dhcpReleased],
        ['Without home address', stats.dhcpWithoutHomeAddress],
        ['Malformed', stats.dhcpMalformed],
        ['Foreign hardware address', stats.dhcpForeignHardwareAddress],
        ['Relayed', stats.dhcpRelayed],
        ['For another server', stats.dhcpForOtherServer],
        ['Unexpected', stats.dhcpUnexpected],
      ],
    },
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
      title: 'Access, ARP',
      counters: [
        ['Replies sent', stats.arpRepliesSent],
        ['Foreign sender', stats.arpForeignSender],
      ],
    },
  ];
}
