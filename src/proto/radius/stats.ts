/** Counters of one RADIUS client, in the terms of RFC 4668 and RFC 4670 where these have one. */
export interface RadiusStats {
  requests: number;
  retransmissions: number;
  accepts: number;
  rejects: number;
  /** Access-Challenges, which are taken for rejects. */
  challenges: number;
  responses: number;
  /** Requests that no server answered. */
  noAnswer: number;
  /** Requests refused because too many waited. */
  overloads: number;
  /** A server did not answer a request with all its retransmissions. */
  timeouts: number;
  /** Requests that went on to the next server. */
  failovers: number;
  serversDied: number;
  serversRevived: number;
  /** Answers that are not RADIUS packets. */
  malformed: number;
  /** Of no server that is configured. */
  strangers: number;
  /** Nobody waits for them: too late, or duplicates. */
  unexpected: number;
  /** Not signed with the secret that we have. */
  badAuthenticators: number;
  /** Answers to Access-Requests without a Message-Authenticator, of servers that must send one. */
  withoutMessageAuthenticator: number;
  /** Codes that do not answer what was asked. */
  wrongCodes: number;
}

export function createRadiusStats(): RadiusStats {
  return {
    requests: 0,
    retransmissions: 0,
    accepts: 0,
    rejects: 0,
    challenges: 0,
    responses: 0,
    noAnswer: 0,
    overloads: 0,
    timeouts: 0,
    failovers: 0,
    serversDied: 0,
    serversRevived: 0,
    malformed: 0,
    strangers: 0,
    unexpected: 0,
    badAuthenticators: 0,
    withoutMessageAuthenticator: 0,
    wrongCodes: 0,
  };
}
