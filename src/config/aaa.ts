import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import type { Secret } from './secret.ts';

/** The `aaa` and `radius-server` commands. */
export interface AaaConfiguration {
  newModel: boolean;
  serverGroups: ServerGroupConfiguration[];
  /** `aaa authentication login`. */
  loginMethods: MethodList[];
  /** `aaa authorization ipmobile`: where profiles of mobile nodes come from. */
  profileMethods: MethodList[];
  sessionId?: 'common' | 'unique';
  /** `aaa accounting update periodic`: between two interim records of a session; none are sent without it. */
  accountingInterim?: Duration;
  dynamicAuthorization?: DynamicAuthorizationConfiguration;
  accountingProxy?: AccountingProxyConfiguration;
  radius: RadiusConfiguration;
}

/** Methods that are tried in turn; `default` names the list that holds where none is chosen. */
export interface MethodList {
  name: string;
  methods: Method[];
}

export type Method = { kind: 'none' } | { kind: 'local' } | { kind: 'group'; group: string };

/** `aaa group server radius NAME`. */
export interface ServerGroupConfiguration {
  name: string;
  servers: RadiusServerReference[];
  /** Servers of `radius server NAME`, which come after those. */
  named: { name: string }[];
}

export interface RadiusServerReference {
  address: Ipv4Address | Ipv6Address;
  authenticationPort?: number;
  accountingPort?: number;
}

/** `radius-server host`; what it leaves out holds as said for all servers. */
export interface RadiusHostConfiguration extends RadiusServerReference {
  timeout?: Duration;
  retransmit?: number;
  messageAuthenticator?: MessageAuthenticator;
  key?: Secret;
}

/** Whether answers without a Message-Authenticator are taken; `required` when absent. */
export type MessageAuthenticator = 'required' | 'optional';

/** `radius server NAME`; what it leaves out holds as said for all servers. */
export interface RadiusNamedServerConfiguration {
  name: string;
  address?: RadiusServerReference;
  timeout?: Duration;
  retransmit?: number;
  messageAuthenticator?: MessageAuthenticator;
  key?: Secret;
  /** RADIUS over TLS (RFC 6614). */
  tls?: { /** 2083 when absent. */ port?: number };
  /** Of PEM certificates that sign the server's. */
  tlsTrusted?: string;
  /** Files of our certificate and its key. */
  tlsCertificate?: { certificate: string; key: string };
  /** The name in the server's certificate; its address when absent. */
  tlsIdentity?: string;
}

/** `aaa server radius dynamic-author`: who may end sessions by RADIUS (RFC 5176). */
export interface DynamicAuthorizationConfiguration {
  /** 3799 when absent. */
  port?: number;
  clients: DynamicAuthorizationClientConfiguration[];
}

export interface DynamicAuthorizationClientConfiguration {
  address: Ipv4Address | Ipv6Address;
  key: Secret;
}

/** `aaa server radius proxy`: access points and controllers that tell of their stations by accounting. */
export interface AccountingProxyConfiguration {
  /** 1813 when absent. */
  accountingPort?: number;
  /** Of clients that have none of their own. */
  key?: Secret;
  clients: AccountingClientConfiguration[];
}

export interface AccountingClientConfiguration {
  address: Ipv4Address | Ipv6Address;
  /** Of an IPv4 network; a single address without it. */
  prefixLength?: number;
  key?: Secret;
  /** Where its stations are; the first that holds for one counts. */
  interfaces: AccountingInterfaceConfiguration[];
}

export interface AccountingInterfaceConfiguration {
  /** The IOS name. */
  name: string;
  /** NAS-Port. */
  port?: number;
  /** Called-Station-Id, the address that it begins with, or the SSID in it. */
  calledStation?: string;
}

export interface RadiusConfiguration {
  hosts: RadiusHostConfiguration[];
  /** Asked after the hosts where no group says otherwise. */
  servers: RadiusNamedServerConfiguration[];
  key?: Secret;
  /** How long an answer is waited for. */
  timeout?: Duration;
  /** How often a request is sent again. */
  retransmit?: number;
  /** How long a server that did not answer is left alone. */
  deadTime?: Duration;
  attributes: RadiusAttributes;
  /** `vsa send accounting`, `vsa send authentication`: vendor-specific attributes in such requests. */
  vendorSpecific: { accounting: boolean; authentication: boolean };
}

/** `radius-server attribute`: what requests say beyond the necessary. */
export interface RadiusAttributes {
  /** Service-Type (6) in Access-Requests. */
  serviceType: boolean;
  /** Framed-IP-Address (8) in Access-Requests. */
  framedAddress: boolean;
  /** NAS-Identifier (32). */
  nasIdentifierInAccess: boolean;
  nasIdentifierInAccounting: boolean;
  /** Acct-Session-Id (44) in Access-Requests. */
  accountingSessionInAccess: boolean;
  /** Event-Timestamp (55). */
  eventTimestampInAccess: boolean;
  eventTimestampInAccounting: boolean;
  /** Calling-Station-Id (31): how a hardware address is written. */
  callingStationFormat?: CallingStationFormat;
  /** Calling-Station-Id (31): the hardware address, and nothing of the port. */
  callingStationMacOnly: boolean;
}

/** `default` is 0000.4096.3e4a, `ietf` 00-00-40-96-3E-4A, `unformatted` 000040963e4a. */
export interface CallingStationFormat {
  style: 'default' | 'ietf' | 'unformatted';
  letters?: 'lower-case' | 'upper-case';
}

export function emptyAaa(): AaaConfiguration {
  return {
    newModel: false,
    serverGroups: [],
    loginMethods: [],
    profileMethods: [],
    radius: {
      hosts: [],
      servers: [],
      attributes: {
        serviceType: false,
        framedAddress: false,
        nasIdentifierInAccess: false,
        nasIdentifierInAccounting: false,
        accountingSessionInAccess: false,
        eventTimestampInAccess: false,
        eventTimestampInAccounting: false,
        callingStationMacOnly: false,
      },
      vendorSpecific: { accounting: false, authentication: false },
    },
  };
}
