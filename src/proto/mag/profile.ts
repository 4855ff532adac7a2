import type { MacAddress } from '#base/mac-address.ts';
import type { MagConfig, MagInterface, MagLma, MagProfile } from './events.ts';

/** Who a station is and what it may have. */
export interface StationProfile {
  readonly nai: string;
  readonly profile: MagProfile;
}

/**
 * RFC 5213 §6.2 "Mobile Node's Policy Profile": "a mobile access gateway serving a mobile node MUST have access to its policy profile"; RFC 5844 §3.2.2 "Extensions to Mobile Node's Policy Profile": which says the
 * "IP versions for which the home address mobility support needs to be extended"; §4.1.2 "Extensions to Mobile Node's Policy Profile": and the LMA, whose
 * IPv4 address the configuration has.
 * RFC 5213 §6.6 "Acquiring Mobile Node's Identifier": "mobility entities ... MUST be able to use this identifier in the signaling messages"; §6.6(4): "The mobile access gateway MUST be able to identify the mobile node by its MN-Identifier".
 * §6.6(3): "The MN-Identifier that the policy store delivers ... may not be the true identifier of the mobile node. However, the mobility access gateway
 * MUST be able to use this identifier in the signaling messages".
 * §6.6(2): what the access link has of a node is its link-layer address; a local profile has the "stable identifier" for it.
 * A station that has a local profile is named by it; another one gets its interface's default profile with its
 * link-layer address, as `0024.d78e.21a4`, for a name. Without either it is `undefined`.
 */
export function stationProfile(config: MagConfig, at: MagInterface, mac: MacAddress): StationProfile | undefined {
  const local = config.localProfiles.find((entry) => entry.mac.equals(mac));
  if (local) {
    const profile = config.profiles.find((entry) => entry.nai === local.nai) ?? at.defaultProfile;
    if (profile) return { nai: local.nai, profile };
  }
  return at.defaultProfile && { nai: mac.toCiscoString(), profile: at.defaultProfile };
}

/** The LMA that a profile names, or the first of the configuration. */
export function profileLma(config: MagConfig, profile: MagProfile): MagLma | undefined {
  if (profile.lma === undefined) return config.lmas[0];
  return config.lmas.find((lma) => lma.name === profile.lma);
}
