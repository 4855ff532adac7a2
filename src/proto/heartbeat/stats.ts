/** Named counters of one machine's heartbeats; only ever counted up. */
export type HeartbeatStats = ReturnType<typeof createHeartbeatStats>;

export function createHeartbeatStats() {
  return {
    requestsSent: 0,
    /** Of them, those sent at once to find out whether an unsolicited response is true. */
    verificationsSent: 0,
    requestsUnanswered: 0,
    requestsReceived: 0,
    responsesSent: 0,
    unsolicitedSent: 0,
    responsesReceived: 0,
    unsolicitedReceived: 0,
    /** From a node that is not watched, or whose path is idle. */
    responsesFromUnknownPeer: 0,
    responsesMismatched: 0,
    responsesWithoutCounter: 0,
    /** Without the proof that the peer can give: a request is answered without one, a response says at most that the peer lives. */
    notAuthentic: 0,
    /** Binding Errors by peers that do not know the message. */
    bindingErrors: 0,
    pathsFailed: 0,
    pathsRecovered: 0,
    restartsDetected: 0,
    /** Peers with sessions that are not watched, because too many are. */
    peersNotWatched: 0,
  };
}
