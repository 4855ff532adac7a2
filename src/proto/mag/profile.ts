import type { MacAddress } from '#base/mac-address.ts';
import type { MagConfig, MagInterface, MagLma, MagProfile } from './events.ts';

/** Who a station is and what it may have. */
export interface StationProfile {
  readonly nai: string;
  readonly profile: MagProfile;
}

/**
 * RFC 5213 §6.6 "Acquiring Mobile Node's Identifier": "The mobile access gateway MUST be able to identify the mobile node by its MN-Identifier".
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
