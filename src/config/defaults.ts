import { linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds, seconds } from '#base/time.ts';

/**
 * What a node does where its configuration says nothing; the values that the IOS guides state or print. RFC 5213 §9.2 "Mobile Access Gateway -Configuration Variables" and §9.3 "Proxy Mobile IPv6 Domain -Configuration Variables": "The
 * configured values for these protocol variables MUST survive server reboots and service restarts": they are in the file. RFC 6543 §1(1) "Introduction" and §1(2): the reserved
 * addresses "SHOULD be used by the mobile access gateway in a Proxy Mobile IPv6 domain, on all of the access links".
 */
export const domainDefaults = {
  timestampWindow: seconds(7),
  fixedLinkLocal: linkLocalFromMac(MacAddress.pmipv6Mag),
  fixedLinkLayer: MacAddress.pmipv6Mag,
  service: 'ipv4',
} as const;

/** Of the store of bindings. */
export const storeDefaults = { window: milliseconds(1000) } as const;

/** RFC 5847 §5 "Configuration Variables". */
export const heartbeatDefaults = { interval: seconds(60), retries: 3 } as const;

export const lmaDefaults = {
  bindingMaximum: 128_000,
  /** Chooses: more than any gateway needs, as none is to be cut off by an upgrade; an operator who knows the gateways' sizes sets less. */
  updateRate: { perSecond: 100_000, burst: 200_000 },
  maximumLifetime: seconds(3600),
  refreshTime: seconds(300),
  deleteWait: milliseconds(10_000),
  createWait: milliseconds(1500),
  prefixMaximum: 1,
  bri: { minimumDelay: milliseconds(1000), maximumDelay: milliseconds(2000), retries: 1 },
} as const;

export const magDefaults = {
  bindingMaximum: 128_000,
  lifetime: seconds(3600),
  refreshTime: seconds(300),
  retransmitInitial: milliseconds(1000),
  retransmitMaximum: milliseconds(32_000),
  /**
   * Of `discover-mn-detach` alone; without the command no mobile node is asked. Chooses: as many questions as RFC 4861 §10 "Protocol
   * Constants" has for a neighbour.
   */
  detection: { pollInterval: seconds(10), timeout: seconds(2), retries: 3 },
  bri: { minimumDelay: milliseconds(1000), maximumDelay: milliseconds(2000), retries: 1 },
} as const;
