import type { IpAddress } from '#base/ip-address.ts';
import type { Duration } from '#base/time.ts';
import type { LogLevelConfiguration } from './logging.ts';
import type { Password } from './password.ts';
import type { PublicKey } from './public-key.ts';

/** Who operates the node, and by which ways: `enable secret`, `username`, `ip ssh`, `line`, `ip http`, `logging`. */
export interface OperatorsConfiguration {
  enableSecret?: Password;
  users: UserConfiguration[];
  ssh: SshConfiguration;
  console?: LineConfiguration;
  vty?: VtyConfiguration;
  http: HttpConfiguration;
  /** How much each part of the daemon logs, where it is not as the daemon was started with. */
  logLevels: LogLevelConfiguration[];
}

/** `username NAME privilege N secret …`. */
export interface UserConfiguration {
  name: string;
  /** 15 begins in privileged mode; 1 when absent. */
  privilege?: number;
  secret: Password;
}

export interface SshConfiguration {
  version2: boolean;
  port?: number;
  /** For the login. */
  timeOut?: Duration;
  /** Wrong passwords after which the connection ends. */
  retries?: number;
  pubkeyChain?: PubkeyChain;
}

/** `ip ssh pubkey-chain`: who may log in with which keys. */
export interface PubkeyChain {
  users: PubkeyUser[];
}

export interface PubkeyUser {
  /** Of a `username`. */
  name: string;
  keys: PublicKey[];
  /** Of one that is typed over several lines, what there is of it. */
  unfinishedKey?: string;
}

/** `line console 0`: a shell on the machine itself. */
export interface LineConfiguration {
  /** After which a shell with nobody at it ends; 0 for never. */
  idleTimeout?: Duration;
}

/** `line vty FIRST LAST`: shells over the network. */
export interface VtyConfiguration extends LineConfiguration {
  first: number;
  last: number;
  loginLocal: boolean;
  /** `login authentication`: a list of `aaa authentication login`. */
  loginList?: string;
  transport?: 'none' | 'ssh';
}

/** `ip http …`: the HTTP API. */
export interface HttpConfiguration {
  /** Without TLS. */
  server: boolean;
  port?: number;
  /** With TLS; `certificate` and `key` are then needed. */
  secureServer: boolean;
  securePort?: number;
  /** PEM files. */
  certificate?: string;
  key?: string;
  /** It is served there too, beside the loopback addresses. */
  addresses: HttpAddress[];
  /** Who may look without a token: programs on the machine itself, or nobody. */
  authentication?: 'loopback' | 'token';
  tokens: HttpToken[];
  maxConnections?: number;
  /** Requests a second that one client may make. */
  rateLimit?: number;
}

export interface HttpAddress {
  address: IpAddress;
}

/** `ip http token NAME role ROLE secret …`. */
export interface HttpToken {
  name: string;
  role: HttpRole;
  secret: Password;
}

/** `read-only` looks, `read-write` may do everything. */
export type HttpRole = 'read-only' | 'read-write';

export const DEFAULT_HTTP_PORT = 8080;
export const DEFAULT_HTTPS_PORT = 8443;
export const DEFAULT_HTTP_CONNECTIONS = 64;
export const DEFAULT_HTTP_RATE = 50;

export const DEFAULT_IDLE_MINUTES = 10;
export const DEFAULT_SSH_PORT = 22;
export const DEFAULT_SSH_RETRIES = 3;
export const DEFAULT_SSH_TIMEOUT_SECONDS = 120;

export function emptyOperators(): OperatorsConfiguration {
  return {
    users: [],
    ssh: { version2: false },
    http: { server: false, secureServer: false, addresses: [], tokens: [] },
    logLevels: [],
  };
}
