import { Ipv4Address, Ipv4Prefix, ipv4Netmask } from '#base/ipv4-address.ts';
import type {
  Configuration,
  DomainConfiguration,
  LmaConfiguration,
  NetworkConfiguration,
  ProfileConfiguration,
} from '#config/index.ts';
import { domainDefaults, lmaDefaults } from '#config/index.ts';
import type { Ipv4PoolConfig, Ipv6PoolConfig, LmaConfig, NaiProfile, UpdateRate } from '#proto/lma/events.ts';
import { domainAssociation } from './assemble-authentication.ts';
import { heartbeatOf } from './assemble-heartbeat.ts';
import { peersOf, tunnelConfig } from './assemble-lma-peers.ts';
import type { Report } from './assemble-report.ts';
import { domainOf, reportNoAddress, serviceOf } from './assemble-report.ts';

/** `undefined` when it cannot be run; the reasons were reported. */
export function assembleLma(
  lma: LmaConfiguration,
  configuration: Configuration,
  report: Report,
): LmaConfig | undefined {
  const where = `ipv6 mobile pmipv6-lma ${lma.name}`;
  const domain = domainOf(where, lma.domain, configuration, report);
  if (!domain) return undefined;
  const node = domain.lmas.find(({ name }) => name === lma.name);
  const ipv6 = lma.ipv6Address ?? node?.ipv6Address;
  const ipv4 = lma.ipv4Address ?? node?.ipv4Address;
  if (!ipv6 && !ipv4) return reportNoAddress(where, report);
  const replay = lma.replayProtection ?? domain.replayProtection ?? { timestamp: true };
  const defaultProfile = defaultProfileOf(where, lma, domain, report);
  const authentication = domainAssociation(domain, report);
  return {
    name: lma.name,
    domain: domain.name,
    addresses: { ...(ipv6 && { ipv6 }), ...(ipv4 && { ipv4 }) },
    timestampWindow: (replay.timestamp ? replay.window : undefined) ?? domainDefaults.timestampWindow,
    timestampCheck: replay.timestamp,
    prefixMaximum: lma.prefixMaximum ?? lmaDefaults.prefixMaximum,
    ...(lma.refreshTime && { refreshTime: lma.refreshTime }),
    bindingMaximum: lma.bindingMaximum ?? lmaDefaults.bindingMaximum,
    updateRate: updateRateOf(lma),
    maximumLifetime: lma.maximumLifetime ?? lmaDefaults.maximumLifetime,
    deleteWait: lma.deleteWait ?? lmaDefaults.deleteWait,
    createWait: lma.createWait ?? lmaDefaults.createWait,
    bri: { ...lmaDefaults.bri, ...lma.bri },
    ...heartbeatOf(lma),
    ...(authentication && { authentication }),
    ...(domain.signallingIpsec && { ipsec: true }),
    ...tunnelConfig(lma.encapsulation ?? domain.encapsulation),
    generateGreKeys: lma.generateGreKey,
    peers: peersOf(where, lma, domain, report),
    dynamicMagLearning: lma.dynamicMagLearning,
    authorization: lma.authorization,
    profiles: domain.profiles.map(naiProfile),
    ...(defaultProfile && { defaultProfile }),
    pools: {
      ipv4: lma.networks.flatMap(
        (network) => ipv4Pool(`${where}, network ${network.name}`, network, configuration, report) ?? [],
      ),
      ipv6: lma.networks.flatMap(
        (network) => ipv6Pool(`${where}, network ${network.name}`, network, configuration, report) ?? [],
      ),
    },
  };
}

/** A burst is what comes in two seconds unless it is stated. */
function updateRateOf({ updateRate = lmaDefaults.updateRate }: LmaConfiguration): UpdateRate {
  return { perSecond: updateRate.perSecond, burst: updateRate.burst ?? 2 * updateRate.perSecond };
}

function naiProfile(profile: ProfileConfiguration): NaiProfile {
  const { nai, apn, lma, service, network, multihomed, greKeyUp, greKeyDown } = profile;
  const hasKeys = greKeyUp !== undefined || greKeyDown !== undefined;
  return {
    nai,
    service: serviceOf(service),
    multihomed,
    ...(apn && { apn }),
    ...(lma && { lma }),
    ...(network && { network }),
    ...(hasKeys && {
      greKeys: {
        ...(greKeyUp !== undefined && { up: greKeyUp }),
        ...(greKeyDown !== undefined && { down: greKeyDown }),
      },
    }),
  };
}

function defaultProfileOf(
  where: string,
  lma: LmaConfiguration,
  domain: DomainConfiguration,
  report: Report,
): NaiProfile | undefined {
  if (lma.defaultProfile === undefined) return undefined;
  const profile = domain.profiles.find(({ nai }) => nai === lma.defaultProfile);
  if (profile) return naiProfile(profile);
  return report(
    `${where}: there is no profile ${lma.defaultProfile}; add "nai ${lma.defaultProfile}" to domain ${domain.name}`,
  );
}

function ipv4Pool(
  where: string,
  network: NetworkConfiguration,
  configuration: Configuration,
  report: Report,
): Ipv4PoolConfig | undefined {
  const reference = network.ipv4Pool;
  if (!reference) return undefined;
  const pool = configuration.ipv4Pools.find(({ name }) => name === reference.pool);
  if (!pool)
    return report(`${where}: there is no pool ${reference.pool}; add "ip local pool ${reference.pool} LOW HIGH"`);
  const prefix = new Ipv4Prefix(pool.low, reference.prefixLength);
  if (!prefix.contains(pool.high)) {
    return report(
      `${where}: pool ${pool.name} (${pool.low} to ${pool.high}) does not fit into one prefix of length ${prefix.length}`,
    );
  }
  const gateway = network.defaultRouter ?? lastUsable(prefix);
  if (!prefix.contains(gateway)) return report(`${where}: default-router ${gateway} is not in ${prefix.network}`);
  return { network: network.name, low: pool.low, high: pool.high, prefixLength: reference.prefixLength, gateway };
}

function lastUsable(prefix: Ipv4Prefix): Ipv4Address {
  const last = new Ipv4Address(prefix.address.word | ~ipv4Netmask(prefix.length).word);
  return prefix.length >= 31 ? last : last.plus(-1);
}

function ipv6Pool(
  where: string,
  network: NetworkConfiguration,
  configuration: Configuration,
  report: Report,
): Ipv6PoolConfig | undefined {
  const reference = network.ipv6Pool;
  if (!reference) return undefined;
  const pool = configuration.ipv6Pools.find(({ name }) => name === reference.pool);
  if (!pool) {
    return report(
      `${where}: there is no pool ${reference.pool}; add "ipv6 local pool ${reference.pool} PREFIX/LENGTH ASSIGNED"`,
    );
  }
  return { network: network.name, prefix: pool.prefix, assignedLength: pool.assignedLength };
}
