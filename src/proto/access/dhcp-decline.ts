import { after, milliseconds } from '#base/time.ts';
import { findDhcpv4Option } from '#wire/dhcpv4.ts';
import type { AccessSession, SessionHomeAddress } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import type { ReceivedDhcp, Station } from './state.ts';
import { DECLINE_WAIT, DECLINE_WAIT_MAXIMUM } from './timers.ts';

/**
 * RFC 2131 §4.3.3 "DHCPDECLINE message": "The server MUST mark the network address as not available and SHOULD notify the local system
 * administrator of a possible configuration problem."
 * Chooses: the address goes back to the LMA as by a release, which has it rest before it gives it to anybody. For a while, each time
 * twice as long, the node is offered nothing, so that one which declines everything does not go through the pool. So it is too where a
 * server elsewhere is relayed to: as long as the LMA gives the address, that server can offer no other.
 */
export function decline(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  { message }: ReceivedDhcp,
): void {
  // RFC 2131 §4.4.1 "Initialization and allocation of network address", table 5: the requested address MUST be that which is declined.
  const declined = findDhcpv4Option(message.options, 'requested-address')?.address;
  if (!declined || !home.address.equals(declined) || isDeclined(access, station)) {
    access.stats.dhcpUnexpected++;
    return;
  }
  access.stats.dhcpDeclined++;
  const wait = Math.min(DECLINE_WAIT * 2 ** station.declines, DECLINE_WAIT_MAXIMUM);
  station.declines++;
  station.declinedUntil = after(access.instant, milliseconds(wait));
  access.log('warn', 'dhcp-declined', `${session.nai} says that ${home.address} is in use on its link`, {
    nai: session.nai,
    address: home.address.toString(),
    interface: station.interface,
  });
  access.emit({ kind: 'detached', interface: station.interface, mac: station.mac, reason: 'dhcp-release' });
}

/** Whether a node is to wait after a DHCPDECLINE. */
export function isDeclined(access: AccessContext, station: Station): boolean {
  if (access.instant >= station.declinedUntil) return false;
  access.stats.dhcpAfterDecline++;
  return true;
}
