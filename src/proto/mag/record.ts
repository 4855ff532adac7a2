import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Duration, UtcTime } from '#base/time.ts';
import type { Path } from '#dataplane/desired.ts';
import type { RecordChange } from '../record-change.ts';
import type { MagProfile } from './policy-profile.ts';
import type { DhcpSupport, SessionHomeAddress } from './session-address.ts';

/**
 * What a gateway needs to go on serving a mobile node after a restart: the entry of the Binding Update List, from which gateway and lease on
 * the access link follow too.
 */
export interface SessionRecord {
  /** The name of the MAG and the link-layer address. */
  readonly id: string;
  readonly mac: MacAddress;
  readonly nai: string;
  /** An AAA server may have said it, and is not asked again. */
  readonly profile: MagProfile;
  /** The IOS name. */
  readonly interface: string;
  readonly lma: string;
  readonly sequence: number;
  readonly downlinkKey: number | undefined;
  readonly homeAddress: SessionHomeAddress | undefined;
  /** The end of its DHCP lease; `undefined` when none was acknowledged. */
  readonly leaseEnds: UtcTime | undefined;
  readonly prefixes: readonly Ipv6Prefix[];
  readonly lifetime: Duration;
  readonly expires: UtcTime;
  readonly path: Path;
  readonly linkLocal: Ipv6Address;
  readonly dhcpSupport: DhcpSupport | undefined;
  readonly refreshAdvice: Duration | undefined;
  /** When the session ends, however often it is extended. */
  readonly sessionEnds: UtcTime | undefined;
}

export type SessionStoreChange = RecordChange<SessionRecord>;

/** The name of the MAG that made a record of this id. */
export function magOfSession(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/')));
}
