import { RateLimit } from '#base/rate-limit.ts';

/** Far above what roams: all stations of an access point that fails come to its neighbours within seconds. */
const NEW_STATIONS_AT_ONCE = 1024;
const NEW_STATIONS_PER_SECOND = 256;
/** RFC 5227 §1.1 "Conventions and Terminology Used in This Document": DEFEND_INTERVAL is 10 s. */
const DEFENCES_PER_SECOND = 0.1;

/** What one access link may have done in a time. Each has its own, so that a flood on one takes nothing from another. */
export interface LinkLimits {
  /** Link-layer addresses not known before. */
  readonly newStations: RateLimit;
  readonly defencesIpv4: RateLimit;
  readonly defencesIpv6: RateLimit;
}

export function linkLimits(): LinkLimits {
  return {
    newStations: new RateLimit(NEW_STATIONS_AT_ONCE, NEW_STATIONS_PER_SECOND),
    defencesIpv4: new RateLimit(1, DEFENCES_PER_SECOND),
    defencesIpv6: new RateLimit(1, DEFENCES_PER_SECOND),
  };
}
