import type { AccountingProxyStats, DynamicAuthorizationStats, RadiusStats } from '#proto/radius/index.ts';
import type { LoginStats } from '../login-stats.ts';
import type { AccountingQueueStats } from './accounting-queue.ts';
import type { AccountedTaken } from './radius-messages.ts';
import type { RadsecLinkView } from './radsec-links.ts';

/** What `show aaa servers` shows; plain JSON. */
export interface AaaServersView {
  readonly servers: readonly AaaServerRow[];
  /** Requests without an answer yet. */
  readonly waiting: number;
  readonly stats: RadiusStats;
  readonly accounting: AccountingQueueStats & { readonly waiting: number };
  readonly logins: LoginsView;
  /** Absent when it is not configured. */
  readonly dynamicAuthorization?: DynamicAuthorizationView;
  /** Absent when it is not configured. */
  readonly accountingProxy?: AccountingProxyView;
}

/** Operators who want in, and the groups of servers that have been asked about them. */
export interface LoginsView {
  readonly stats: LoginStats;
  readonly groups: readonly LoginGroupView[];
}

export interface LoginGroupView {
  readonly group: string;
  readonly servers: readonly AaaServerRow[];
  readonly waiting: number;
  readonly stats: RadiusStats;
}

/** What access points and controllers tell by accounting. */
export interface AccountingProxyView {
  readonly port: number;
  /** Addresses and networks. */
  readonly clients: readonly string[];
  /** Addresses of this machine. */
  readonly listening: readonly string[];
  readonly stats: AccountingProxyStats;
  /** What became of what they told. */
  readonly results: Readonly<Record<AccountedTaken['result'], number>>;
}

export interface DynamicAuthorizationView {
  readonly port: number;
  readonly clients: readonly string[];
  /** Addresses of this machine. */
  readonly listening: readonly string[];
  readonly stats: DynamicAuthorizationStats;
}

export interface AaaServerRow {
  readonly address: string;
  readonly authenticationPort: number;
  readonly accountingPort: number;
  /** `dead`: it answered nothing, and is left alone for the dead time. */
  readonly state: 'up' | 'dead';
  /** Requests that it has not answered yet. */
  readonly waiting: number;
  /** Of a server that is reached over TLS, the connection. */
  readonly tls?: RadsecLinkView;
}
