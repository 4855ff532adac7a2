import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Duration, UtcTime } from '#base/time.ts';
import type { HomeAddress } from './home-address.ts';

/** What an AAA server authorized a session for; it holds as long as the session, over a restart too. What it leaves out is as configured. */
export interface Authorization {
  readonly service?: 'ipv4' | 'ipv6' | 'dual';
  readonly apn?: string;
  readonly network?: string;
  readonly multihomed?: boolean;
  /** Of the mobile node and no other, as are the prefixes. */
  readonly homeAddress?: HomeAddress;
  readonly prefixes?: readonly Ipv6Prefix[];
  /** When the session ends, however often it is extended. */
  readonly sessionEnds?: UtcTime;
  readonly interimInterval?: Duration;
  /** The Acct-Session-Id that the server was told, where accounting is to have the same. Of this run alone: it is not stored. */
  readonly accountingSession?: string;
  /** RFC 2865 §5.25 "Class": goes unchanged into the accounting. */
  readonly classes: readonly Uint8Array[];
}
