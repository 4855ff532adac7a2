import type { MacAddress } from '#base/mac-address.ts';
import type { Duration } from '#base/time.ts';
import type { AaaProfile } from '../aaa/profile.ts';
import type { MagAaa, MagConfig, MagInterface, MagProfile } from './events.ts';

/** Home network prefixes that an AAA server may name. */
const PREFIXES_MAXIMUM = 8;

/** Who a station is and what it may have. */
export interface StationProfile {
  readonly nai: string;
  readonly profile: MagProfile;
  /** RFC 2865 §5.27 "Session-Timeout": how long it is served, from its registration on. */
  readonly sessionTimeout?: Duration;
  /** The AAA server does not authorize IPv4 between MAG and LMA. */
  readonly ipv4Transport?: false;
}

/**
 * RFC 5213 §6.2 "Mobile Node's Policy Profile": "a mobile access gateway serving a mobile node MUST have access to its policy profile"; RFC 5844 §3.2.2 "Extensions to Mobile Node's Policy Profile": which says the
 * "IP versions for which the home address mobility support needs to be extended"; §4.1.2 "Extensions to Mobile Node's Policy Profile": and the LMA, whose
 * IPv4 address the configuration has.
 * RFC 5213 §6.6 "Acquiring Mobile Node's Identifier": "mobility entities ... MUST be able to use this identifier in the signaling messages"; §6.6(4): "The mobile access gateway MUST be able to identify the mobile node by its MN-Identifier".
 * §6.6(3): "The MN-Identifier that the policy store delivers ... may not be the true identifier of the mobile node. However, the mobility access gateway
 * MUST be able to use this identifier in the signaling messages".
 * §6.6(2): what the access link has of a node is its link-layer address; a local profile has the "stable identifier" for it.
 * A station that has a local profile is named by it; `undefined` for any other.
 */
export function localStation(config: MagConfig, at: MagInterface, mac: MacAddress): StationProfile | undefined {
  const local = config.localProfiles.find((entry) => entry.mac.equals(mac));
  const profile = local && (config.profiles.find((entry) => entry.nai === local.nai) ?? at.defaultProfile);
  return local && profile && { nai: local.nai, profile };
}

/** One that proved to its access point that it has this identifier has the profile of that name. */
export function provedStation({ profiles }: MagConfig, nai: string | undefined): StationProfile | undefined {
  const profile = profiles.find((entry) => entry.nai === nai);
  return profile && { nai: profile.nai, profile };
}

/** One of which nothing is known has the default profile of its interface, and its link-layer address, as `0024.d78e.21a4`, for a name. */
export function defaultStation(at: MagInterface, mac: MacAddress): StationProfile | undefined {
  return at.defaultProfile && { nai: mac.toCiscoString(), profile: at.defaultProfile };
}

/**
 * One of which the AAA server knows. What a `nai` command states of it holds before what the server says.
 * Chooses: a node that the server gives no name has the one that it calls itself, or else its link-layer address.
 */
export function aaaStation(aaa: MagAaa, mac: MacAddress, said: AaaProfile, clientNai?: string): StationProfile {
  const nai = said.nai ?? clientNai ?? mac.toCiscoString();
  const { lma, lmaIpv6: ipv6, lmaIpv4: ipv4, network, multihomed, localRouting } = said;
  const { dhcpServer, naming, withoutEffect } = said;
  const addresses = addressesOf(said);
  const apn = said.apn ?? aaa.apn;
  const profile: MagProfile = {
    nai,
    service: said.service ?? aaa.service,
    ...(apn !== undefined && { apn }),
    ...(lma !== undefined && { lma }),
    ...((ipv6 || ipv4) && { lmaAddresses: { ...(ipv6 && { ipv6 }), ...(ipv4 && { ipv4 }) } }),
    ...(network !== undefined && { network }),
    ...(multihomed !== undefined && { multihomed }),
    ...(localRouting !== undefined && { localRouting }),
    ...(addresses && { addresses }),
    ...(dhcpServer && { dhcpServer }),
    ...(naming && { naming }),
    ...(withoutEffect && { withoutEffect }),
    ...aaa.overrides.get(nai),
  };
  const { sessionTimeout, ipv4Transport } = said;
  return {
    nai,
    profile,
    ...(sessionTimeout !== undefined && { sessionTimeout }),
    ...(ipv4Transport === false && { ipv4Transport }),
  };
}

/**
 * RFC 5213 §6.9.1.1 "Mobile Node Attachment and Initial Binding Registration": a MAG that "learns the mobile node's home network prefix(es) either from its policy store or from other means" may request these.
 * Chooses: as many as a message has room for beside all else.
 */
function addressesOf({ homeAddress, prefixes }: AaaProfile): MagProfile['addresses'] {
  if (!homeAddress && prefixes.length === 0) return undefined;
  return { ...(homeAddress && { homeAddress }), prefixes: prefixes.slice(0, PREFIXES_MAXIMUM) };
}
