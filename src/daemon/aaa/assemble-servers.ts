import { sameAddress } from '#base/ip-address.ts';
import { seconds } from '#base/time.ts';
import type {
  AaaConfiguration,
  RadiusHostConfiguration,
  RadiusNamedServerConfiguration,
  RadiusServerReference,
} from '#config/index.ts';
import { RADSEC_SECRET } from '#proto/radius/radsec.ts';
import { RADIUS_ACCOUNTING_PORT, RADIUS_AUTHENTICATION_PORT, RADSEC_PORT } from '#wire/radius.ts';
import type { Report } from '../assemble-report.ts';
import type { RadiusServerSettings } from './radius-messages.ts';

/** As in IOS. */
const TIMEOUT = seconds(5);
const RETRANSMIT = 3;

/**
 * The servers of the groups that `aaa authorization ipmobile default` names, in their order.
 * Chooses: without that command every `radius-server host` is asked, and then every `radius server`, in the order of the configuration.
 */
export function radiusServers(aaa: AaaConfiguration, report: Report): RadiusServerSettings[] {
  const { profileMethods } = aaa;
  const list = profileMethods.find(({ name }) => name === 'default') ?? profileMethods[0];
  if (!list) return groupServers('radius', aaa, report);
  return list.methods.flatMap((method) => (method.kind === 'group' ? groupServers(method.group, aaa, report) : []));
}

/** Those of a group, in its order; `radius` is that of all. */
export function groupServers(group: string, aaa: AaaConfiguration, report: Report): RadiusServerSettings[] {
  const { serverGroups, radius } = aaa;
  const hosts = (list: readonly RadiusServerReference[]) =>
    list.flatMap((host) => hostSettings(host, aaa, report) ?? []);
  const named = (list: readonly RadiusNamedServerConfiguration[]) =>
    list.flatMap((server) => namedSettings(server, aaa, report) ?? []);
  if (group === 'radius') return [...hosts(radius.hosts), ...named(radius.servers)];
  const found = serverGroups.find(({ name }) => name === group);
  if (!found) return [];
  const members = found.named.flatMap(({ name }) => radius.servers.find((server) => server.name === name) ?? []);
  return [...hosts(found.servers), ...named(members)];
}

function hostSettings(
  reference: RadiusServerReference,
  { radius }: AaaConfiguration,
  report: Report,
): RadiusServerSettings | undefined {
  const { address } = reference;
  const host: Partial<RadiusHostConfiguration> = radius.hosts.find((each) => sameAddress(each.address, address)) ?? {};
  const key = host.key ?? radius.key;
  if (!key) return report(`RADIUS server ${address} has no key; add "key" to "radius-server host ${address}"`);
  return {
    address: address.toString(),
    authenticationPort: reference.authenticationPort ?? host.authenticationPort ?? RADIUS_AUTHENTICATION_PORT,
    accountingPort: reference.accountingPort ?? host.accountingPort ?? RADIUS_ACCOUNTING_PORT,
    secret: new TextEncoder().encode(key.text),
    timeout: host.timeout ?? radius.timeout ?? TIMEOUT,
    retransmit: host.retransmit ?? radius.retransmit ?? RETRANSMIT,
    transport: 'udp',
    messageAuthenticator: host.messageAuthenticator ?? 'required',
  };
}

function namedSettings(
  server: RadiusNamedServerConfiguration,
  { radius }: AaaConfiguration,
  report: Report,
): RadiusServerSettings | undefined {
  const { name, address: at, tls, tlsTrusted, tlsCertificate, tlsIdentity } = server;
  if (!at) return report(`radius server ${name} has no address; add "address ipv4 ADDRESS" or "address ipv6 ADDRESS"`);
  const address = at.address.toString();
  const timers = {
    timeout: server.timeout ?? radius.timeout ?? TIMEOUT,
    retransmit: server.retransmit ?? radius.retransmit ?? RETRANSMIT,
    messageAuthenticator: server.messageAuthenticator ?? 'required',
  } as const;
  if (tls) {
    const port = tls.port ?? RADSEC_PORT;
    return {
      address,
      authenticationPort: port,
      accountingPort: port,
      secret: RADSEC_SECRET,
      ...timers,
      transport: 'tls',
      tls: {
        ...(tlsTrusted !== undefined && { trusted: tlsTrusted }),
        ...(tlsCertificate && tlsCertificate),
        ...(tlsIdentity !== undefined && { identity: tlsIdentity }),
      },
    };
  }
  const key = server.key ?? radius.key;
  if (!key) return report(`radius server ${name} has no key; add "key KEY" to it, or "tls"`);
  return {
    address,
    authenticationPort: at.authenticationPort ?? RADIUS_AUTHENTICATION_PORT,
    accountingPort: at.accountingPort ?? RADIUS_ACCOUNTING_PORT,
    secret: new TextEncoder().encode(key.text),
    ...timers,
    transport: 'udp',
  };
}
