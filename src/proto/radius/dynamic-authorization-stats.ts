/** Counters of one Dynamic Authorization Server. */
export interface DynamicAuthorizationStats {
  disconnectRequests: number;
  coaRequests: number;
  /** Requests that came again, and got the same answer. */
  duplicates: number;
  acknowledged: number;
  refused: number;
  /** Of no client that is configured. */
  strangers: number;
  /** Not RADIUS packets, or such that cannot be answered. */
  malformed: number;
  /** Neither a Disconnect-Request nor a CoA-Request. */
  wrongCodes: number;
  /** Not signed with the secret that we have. */
  badAuthenticators: number;
  /** Their Event-Timestamp is not of now. */
  stale: number;
  /** Answers that were not kept for the whole time because too many came. */
  forgotten: number;
}

export function createDynamicAuthorizationStats(): DynamicAuthorizationStats {
  return {
    disconnectRequests: 0,
    coaRequests: 0,
    duplicates: 0,
    acknowledged: 0,
    refused: 0,
    strangers: 0,
    malformed: 0,
    wrongCodes: 0,
    badAuthenticators: 0,
    stale: 0,
    forgotten: 0,
  };
}
