import { type Duration, milliseconds } from '#base/time.ts';
import type { AaaConfiguration, Configuration } from '#config/index.ts';
import type { RequestStyle } from '#proto/aaa/access-request.ts';
import { RADIUS_ACCOUNTING_PORT, RADIUS_DYNAMIC_AUTHORIZATION_PORT } from '#wire/radius.ts';
import type { Report } from '../assemble-report.ts';
import { radiusServers } from './assemble-servers.ts';
import type { AccountingProxySettings, DynamicAuthorizationSettings, RadiusSettings } from './radius-messages.ts';
import type { AccountingTrigger } from './take-accounted.ts';

/** What a node needs to ask AAA servers. */
export interface AaaAssembly {
  readonly settings: RadiusSettings;
  /** The address of the node that asks is added by it. */
  readonly style: Omit<RequestStyle, 'nasAddress'>;
  /** LMAs with `enable aaa accounting`. */
  readonly accountedLmas: readonly string[];
  /** `aaa session-id`: whether all requests of a session have one Acct-Session-Id. */
  readonly commonSessionId: boolean;
  readonly interim: { readonly interimInterval?: Duration };
  readonly trigger: AccountingTrigger;
}

export function assembleAaa(configuration: Configuration, hostname: string, report: Report): AaaAssembly {
  const { aaa, lmas, mags } = configuration;
  const { radius } = aaa;
  const { accountingInterim: interimInterval } = aaa;
  const dynamicAuthorization = dynamicAuthorizationOf(aaa, report);
  const triggered = mags.filter(({ sessionManager }) => sessionManager).map(({ name }) => name);
  const accountingProxy = accountingProxyOf(configuration, triggered, report);
  return {
    settings: {
      servers: radiusServers(aaa, report),
      deadTime: radius.deadTime ?? milliseconds(0),
      ...(dynamicAuthorization && { dynamicAuthorization }),
      ...(accountingProxy && { accountingProxy }),
    },
    trigger: { mags: triggered, clients: triggerClients(aaa) },
    commonSessionId: aaa.sessionId !== 'unique',
    accountedLmas: lmas.filter(({ accounting }) => accounting).map(({ name }) => name),
    interim: interimInterval === undefined ? {} : { interimInterval },
    style: styleOf(radius, hostname),
  };
}

/** What `radius-server` commands have requests say. */
export function styleOf(
  { attributes, vendorSpecific }: AaaConfiguration['radius'],
  hostname: string,
): Omit<RequestStyle, 'nasAddress'> {
  return {
    nasIdentifier: hostname,
    serviceType: attributes.serviceType,
    framedAddress: attributes.framedAddress,
    nasIdentifierInAccess: attributes.nasIdentifierInAccess,
    nasIdentifierInAccounting: attributes.nasIdentifierInAccounting,
    accountingSessionInAccess: attributes.accountingSessionInAccess,
    eventTimestampInAccess: attributes.eventTimestampInAccess,
    eventTimestampInAccounting: attributes.eventTimestampInAccounting,
    hardwareAddress: attributes.callingStationFormat ?? { style: 'default' },
    hardwareAddressOnly: attributes.callingStationMacOnly,
    vendorSpecificInAccess: vendorSpecific.authentication,
    vendorSpecificInAccounting: vendorSpecific.accounting,
  };
}

function dynamicAuthorizationOf(
  { dynamicAuthorization }: AaaConfiguration,
  report: Report,
): DynamicAuthorizationSettings | undefined {
  if (!dynamicAuthorization) return undefined;
  const { clients, port = RADIUS_DYNAMIC_AUTHORIZATION_PORT } = dynamicAuthorization;
  if (clients.length === 0)
    return report('aaa server radius dynamic-author accepts nobody; add "client ADDRESS server-key KEY" to it');
  return {
    port,
    clients: clients.map(({ address, key }) => ({
      address: address.toString(),
      secret: new TextEncoder().encode(key.text),
    })),
  };
}

function accountingProxyOf(
  { aaa: { accountingProxy }, domains }: Configuration,
  mags: readonly string[],
  report: Report,
): AccountingProxySettings | undefined {
  if (!accountingProxy) return undefined;
  const { clients, key, accountingPort: port = RADIUS_ACCOUNTING_PORT } = accountingProxy;
  if (mags.length === 0)
    return report('aaa server radius proxy: no MAG takes what it hears; add "sessionmgr" to "ipv6 mobile pmipv6-mag"');
  const keyed = clients.flatMap(({ address, prefixLength, key: own = key }) => {
    if (!own) return report(`aaa server radius proxy: client ${address} has no key; add "key KEY" to it`) ?? [];
    const secret = new TextEncoder().encode(own.text);
    return { address: address.toString(), ...(prefixLength !== undefined && { prefixLength }), secret };
  });
  if (keyed.length === 0)
    return report('aaa server radius proxy hears nobody; add "client ADDRESS" with "key KEY" to it');
  const localStations = domains.flatMap(({ profiles }) =>
    profiles.flatMap((profile) => (profile.interface ? [profile.interface.mac.toString()] : [])),
  );
  return { port, clients: keyed, localStations };
}

function triggerClients({ accountingProxy }: AaaConfiguration): AccountingTrigger['clients'] {
  return (accountingProxy?.clients ?? []).map(({ address, interfaces }) => ({
    address: address.toString(),
    interfaces: interfaces.map(({ name, ...rule }) => ({ interface: name, ...rule })),
  }));
}
