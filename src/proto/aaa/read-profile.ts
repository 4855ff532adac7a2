import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, type Ipv6Prefix } from '#base/ipv6-address.ts';
import { err, ok, type Result } from '#base/result.ts';
import { seconds } from '#base/time.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { ciscoPairs, DICTIONARY } from './attributes.ts';
import { forbidsIpv4Transport, forbidsLocalRouting, serviceOfFeatures } from './feature-vector.ts';
import { naming } from './naming.ts';
import { type Asker, type NetworkAttributes, networkAttributes } from './network-attributes.ts';
import type { AaaProfile } from './profile.ts';

/**
 * The profile in an Access-Accept: Cisco's attribute pairs, the attributes of RFC 6572, or both. The error is why the mobile node
 * cannot be served, for people.
 * Chooses: where both say something of one thing, Cisco's pair holds, as it names what the operator configures; a value that cannot be read refuses
 * the mobile node rather than give it something else than was meant.
 */
export function readProfile(attributes: readonly RadiusAttribute[], asker: Asker): Result<AaaProfile, string> {
  const faults: string[] = [];
  const pairs = ciscoPairs(attributes);
  const pair = <T>(name: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = pairs.get(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) faults.push(`${name}=${text} cannot be read`);
    return value;
  };
  const all = <T>(name: string): T[] => {
    const type = DICTIONARY.type(name);
    const found = attributes.filter((each) => each.type === type?.type && each.vendor === type?.vendor);
    const values = found.map((each) => DICTIONARY.value(each));
    if (values.includes(undefined)) faults.push(`${name} is malformed`);
    return values.filter((value) => value !== undefined) as T[];
  };
  const one = <T>(name: string): T | undefined => all<T>(name)[0];

  const protocol = pairs.get('cisco-mpc-protocol-interface');
  if (protocol !== undefined && protocol.toLowerCase() !== 'pmipv6') {
    return err(`cisco-mpc-protocol-interface is ${protocol}, not pmipv6`);
  }
  const features = one<bigint>('MIP6-Feature-Vector');
  const authorized = features === undefined ? undefined : serviceOfFeatures(features);
  if (features !== undefined && authorized === undefined) {
    return err(
      `MIP6-Feature-Vector 0x${features.toString(16)} authorizes no service (RFC 6572 §4.1 "MIP6-Feature-Vector")`,
    );
  }
  const text = (name: string) => pair(name, (value) => (value === '' ? undefined : value));
  const nai = text('mn-nai') ?? text('mobile-node-identifier') ?? one<string>('Mobile-Node-Identifier');
  const service = pair('mn-service', parseService) ?? authorized;
  const lma = text('home-lma');
  const pairIpv6 = pair('home-lma-ipv6-address', Ipv6Address.parse);
  const pairIpv4 = pair('home-lma-ipv4-address', Ipv4Address.parse);
  const namesHome = lma !== undefined || pairIpv6 !== undefined || pairIpv4 !== undefined;
  const said = networkAttributes(all, asker, namesHome);
  const lmaIpv6 = pairIpv6 ?? said.lmaIpv6;
  const lmaIpv4 = pairIpv4 ?? said.lmaIpv4;
  const apn = text('mn-apn') ?? one<string>('Service-Selection');
  const network = text('mn-network');
  const multihomed = pair('multihomed', parseTruth);
  const sessionTimeout = one<number>('Session-Timeout');
  const interimInterval = one<number>('Acct-Interim-Interval');
  const names = naming({ pair, all });
  const profile: AaaProfile = {
    ...(nai !== undefined && { nai }),
    ...(service && { service }),
    ...(lma !== undefined && { lma }),
    ...(lmaIpv6 && { lmaIpv6 }),
    ...(lmaIpv4 && { lmaIpv4 }),
    ...(apn !== undefined && { apn }),
    ...(network !== undefined && { network }),
    ...(multihomed !== undefined && { multihomed }),
    ...(features !== undefined && forbidsLocalRouting(features) && { localRouting: false as const }),
    ...(features !== undefined && forbidsIpv4Transport(features) && { ipv4Transport: false as const }),
    ...assignedAddresses(said, framedAddress(one), all('Framed-IPv6-Prefix')),
    ...(names && { naming: names }),
    ...(sessionTimeout && { sessionTimeout: seconds(sessionTimeout) }),
    ...(interimInterval && { interimInterval: seconds(interimInterval) }),
    classes: all<Uint8Array>('Class'),
    ...(said.withoutEffect.length > 0 && { withoutEffect: said.withoutEffect }),
  };
  return faults.length > 0 ? err(faults.join('; ')) : ok(profile);
}

/** An unspecified address leaves the choice to others. */
function assignedAddresses(
  { homeAddress: said, gateway, dhcpServer, prefixes }: NetworkAttributes,
  framed: Ipv4Prefix | undefined,
  framedPrefixes: readonly Ipv6Prefix[],
): Pick<AaaProfile, 'homeAddress' | 'gateway' | 'dhcpServer' | 'prefixes'> {
  const homeAddress = said ?? framed;
  return {
    ...(homeAddress && !homeAddress.address.isUnspecified && { homeAddress }),
    ...(gateway && { gateway }),
    ...(dhcpServer && !dhcpServer.isUnspecified && { dhcpServer }),
    prefixes: [...prefixes, ...framedPrefixes].filter(
      ({ address }, i, every) =>
        !address.isUnspecified && every.findIndex((other) => other.address.equals(address)) === i,
    ),
  };
}

/**
 * RFC 2865 §5.8 "Framed-IP-Address": "The value 0xFFFFFFFF indicates that the NAS should allow the user to select an address […]. The value 0xFFFFFFFE indicates that the NAS
 * should select an address for the user".
 */
function framedAddress(one: <T>(name: string) => T | undefined): Ipv4Prefix | undefined {
  const address = one<Ipv4Address>('Framed-IP-Address');
  if (!address || address.word >>> 0 >= 0xffff_fffe) return undefined;
  const mask = one<Ipv4Address>('Framed-IP-Netmask');
  return new Ipv4Prefix(address, mask ? Math.clz32(~mask.word) : 32);
}

function parseService(text: string): AaaProfile['service'] | undefined {
  const word = text.toLowerCase();
  return word === 'ipv4' || word === 'ipv6' || word === 'dual' ? word : undefined;
}

function parseTruth(text: string): boolean | undefined {
  if (/^(true|yes|1|enable|enabled)$/i.test(text)) return true;
  return /^(false|no|0|disable|disabled)$/i.test(text) ? false : undefined;
}
