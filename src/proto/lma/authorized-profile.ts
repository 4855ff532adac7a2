import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { err, ok, type Result } from '#base/result.ts';
import { type ClockReading, utcTime } from '#base/time.ts';
import type { AaaProfile } from '../aaa/profile.ts';
import type { Authorization } from './authorization.ts';
import type { LmaConfig, NaiProfile } from './events.ts';
import type { HomeAddress } from './home-address.ts';

const PREFIX_LENGTH_MAXIMUM = 64;

/** The error is why the mobile node cannot be served so, for people. */
export function authorizationOf(
  said: AaaProfile,
  { pools }: LmaConfig,
  now: ClockReading,
): Result<Authorization, string> {
  const { service, apn, network, multihomed, prefixes, sessionTimeout, interimInterval, classes } = said;
  if (said.homeAddress && isNetwork(said.homeAddress))
    return err(
      `${said.homeAddress} is a network, not the address of a host; some servers send 192.0.2.7/24 so, and 192.0.2.7/32 right`,
    );
  const homeAddress = said.homeAddress && homeAddressOf(said.homeAddress, said.gateway, pools.ipv4);
  if (said.homeAddress && !homeAddress)
    return err(`no pool has ${said.homeAddress.address}, and the server names no PMIP6-Home-IPv4-Gateway for it`);
  if (homeAddress && !isReachable(homeAddress))
    return err(
      `the gateway ${homeAddress.defaultRouter} is not of the network of ${homeAddress.address}/${homeAddress.prefixLength}`,
    );
  const unusable = prefixes.find(({ length }) => length === 0 || length > PREFIX_LENGTH_MAXIMUM);
  if (unusable) return err(`${unusable} is no home network prefix: hosts make addresses in 64 bits`);
  return ok({
    ...(service && { service }),
    ...(apn !== undefined && { apn }),
    ...(network !== undefined && { network }),
    ...(multihomed !== undefined && { multihomed }),
    ...(homeAddress && { homeAddress }),
    ...(prefixes.length > 0 && { prefixes: prefixes.map((prefix) => prefix.network) }),
    ...(sessionTimeout !== undefined && { sessionEnds: utcTime(now.utc + sessionTimeout) }),
    ...(interimInterval !== undefined && { interimInterval }),
    classes,
  });
}

/**
 * What a mobile node may have: the server's word, and where it says nothing that of its profile here.
 * Chooses: a node without a profile may have whatever the server does not keep from it.
 */
export function authorizedProfile(
  local: NaiProfile | undefined,
  nai: string,
  { service, apn, network, multihomed, homeAddress, prefixes }: Authorization,
): NaiProfile {
  const profile = local ?? unprofiled(nai);
  const fixed = { ...profile.fixed, ...(homeAddress && { homeAddress }), ...(prefixes && { prefixes }) };
  return {
    ...profile,
    ...(service && { service }),
    ...(apn !== undefined && { apn }),
    ...(network !== undefined && { network }),
    ...(multihomed !== undefined && { multihomed }),
    fixed,
  };
}

/** Of a mobile node that only the AAA server knows. */
export function unprofiled(nai: string): NaiProfile {
  return { nai, service: 'dual' };
}

function isNetwork(prefix: Ipv4Prefix): boolean {
  return prefix.length < 31 && prefix.network.address.equals(prefix.address);
}

/**
 * RFC 6572 §4.20 "PMIP6-Home-IPv4-Gateway": "The address MUST belong to the subnet defined in the PMIP6-Home-IPv4-HoA attribute."
 * Chooses: an address alone (`/32`) defines none, and its gateway may be any.
 */
function isReachable({ address, prefixLength, defaultRouter }: HomeAddress): boolean {
  return prefixLength === 32 || new Ipv4Prefix(address, prefixLength).contains(defaultRouter);
}

/** Prefix length and default router are those of the pool that it is from, where the server does not say them. */
function homeAddressOf(
  { address, length }: Ipv4Prefix,
  gateway: AaaProfile['gateway'],
  pools: LmaConfig['pools']['ipv4'],
): HomeAddress | undefined {
  const pool = pools.find(({ low, prefixLength }) => new Ipv4Prefix(low, prefixLength).contains(address));
  const defaultRouter = gateway ?? pool?.gateway;
  const prefixLength = length < 32 ? length : (pool?.prefixLength ?? length);
  if (!defaultRouter || defaultRouter.equals(address)) return undefined;
  return { address, prefixLength, defaultRouter };
}
