/** Counters of one MAG machine since it started; the names are stable. */
export type MagStats = ReturnType<typeof createMagStats>;

export function createMagStats() {
  return {
    bindingsCreated: 0,
    bindingsRemoved: 0,
    /** Taken over from a former run. */
    bindingsRestored: 0,
    /** Attachments at another interface of this MAG with a binding at hand. */
    interfaceMoves: 0,

    attachedSeen: 0,
    attachedUnknownInterface: 0,
    attachedWhileStopping: 0,
    attachedWithoutProfile: 0,
    attachedDenied: 0,
    attachedWithoutLma: 0,
    attachedWithoutApn: 0,
    attachedOverMaximum: 0,
    /** Asked of the AAA server, and what came of it. */
    profilesAsked: 0,
    profilesFound: 0,
    profilesNone: 0,
    profilesRefused: 0,
    /** With attributes that change nothing here. */
    profilesPartlyWithoutEffect: 0,
    /** Answers that nobody waited for any more. */
    profilesUnexpected: 0,

    pbuSent: 0,
    pbuRetransmitted: 0,
    /** Held back by the rate limit. */
    pbuDelayed: 0,
    pbuRefreshSent: 0,
    /** Of them, those because their LMA or this gateway had restarted. */
    pbuRefreshAfterRestart: 0,
    pbuDeregistrationSent: 0,
    registrationsUnanswered: 0,
    /** Of mobile nodes that moved on before the LMA answered. */
    registrationsAbandoned: 0,
    deregistrationsUnanswered: 0,
    bindingsExpired: 0,
    /** Ended by the Session-Timeout of an AAA server. */
    sessionsTimedOut: 0,
    /** Authorized otherwise by an AAA server while they lasted. */
    sessionsChanged: 0,
    /** Ended because the LMA had given their addresses to another mobile node. */
    bindingsDisplaced: 0,
    /** Ended because the data plane could not forward for them. */
    forwardingFailed: 0,

    pbaReceived: 0,
    pbaAccepted: 0,
    pbaRejected: 0,
    pbaWithoutProxyFlag: 0,
    pbaUnmatched: 0,
    pbaEchoMismatch: 0,
    /** Not signed, or with another key. */
    pbaNotAuthentic: 0,
    /** Of a home network prefix longer than 64 bits. */
    pbaPrefixTooLong: 0,
    pbaWithoutGrant: 0,
    /** Addresses of a profile that its LMA refused, and was left to choose. */
    addressesRefused: 0,

    /** Of the access link, whether a mobile node is there. */
    presenceAsked: 0,

    ...revocationStats(),

    messagesFromUnknownPeer: 0,
    messagesUnsupported: 0,
    bindingErrorsSent: 0,
    messagesMalformed: 0,
  };
}

function revocationStats() {
  return {
    briReceived: 0,
    briNotAuthentic: 0,
    /** Of earlier sessions, and authentic. */
    briReplayed: 0,
    briAccepted: 0,
    briRejected: 0,
    /** Answered when it was known whether the mobile node is here. */
    briHeld: 0,
    bindingsRevoked: 0,
    /** To end all bindings with an LMA at once. */
    briSent: 0,
    briRetransmitted: 0,
    briGivenUp: 0,
    /** As a mobile node was registered again meanwhile. */
    briCancelled: 0,
    braReceived: 0,
    braUnmatched: 0,
    braNotAuthentic: 0,
  };
}
