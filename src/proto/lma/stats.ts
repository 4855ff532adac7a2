/** Named counters; only ever counted up. */
export interface LmaStats {
  pbuReceived: number;
  /** Of these, those that nobody is told of, by reason. */
  readonly pbuDiscarded: Record<string, number>;
  pbaSent: number;
  /** By status name, every Proxy Binding Acknowledgement sent. */
  readonly pbaByStatus: Record<string, number>;
  bindingsCreated: number;
  bindingsRefreshed: number;
  bindingsHandedOver: number;
  bindingsRestored: number;
  deRegistrationsAccepted: number;
  /** By Binding Revocation Indications of MAGs. */
  bindingsRevokedByMag: number;
  /** From a MAG that no longer serves the mobile node: RFC 5213 §5.3.5(1) "Binding De-Registration". */
  deRegistrationsIgnored: number;
  /** For no session at all: RFC 5213 §5.4.1 "Binding Cache Entry Lookup Considerations". */
  deRegistrationsUnmatched: number;
  /** Refreshes (handoff indicator 5) from a MAG that is not the current one. */
  staleRefreshes: number;
  /** Requests with handoff state unknown that waited for the MAG of the only session; of these, those that moved it, and those that did not. */
  waitsStarted: number;
  waitsMoved: number;
  waitsUnmoved: number;
  /** Too many waited. */
  waitsRefused: number;
  /** First registrations that the AAA server was asked about, and what came of them. */
  authorizationsAsked: number;
  authorizationsGranted: number;
  authorizationsRejected: number;
  /** No server answered in time. */
  authorizationsUnanswered: number;
  /** Its answer cannot be served. */
  authorizationsUnservable: number;
  /** With attributes that change nothing here. */
  authorizationsPartlyWithoutEffect: number;
  /** Too many waited. */
  authorizationsOverMaximum: number;
  /** Answers that nobody waited for any more. */
  authorizationsUnexpected: number;
  /** By an AAA server, while they went on. */
  sessionsChanged: number;
  bindingsExpired: number;
  /** Lost by MAGs that restarted. */
  bindingsInvalidated: number;
  bindingsDeleted: number;
  bindingMaximumReached: number;
  /** Of one mobile node. */
  interfaceMaximumReached: number;
  /** Bindings that the data plane could not forward for; answers that had accepted them were withheld. */
  forwardingFailed: number;
  ipv4PoolExhausted: number;
  ipv6PoolExhausted: number;
  /** Addresses that a profile states and somebody else has. */
  fixedAddressTaken: number;
  briSent: number;
  briRetransmitted: number;
  briGivenUp: number;
  briCancelled: number;
  briNotSentQueueFull: number;
  briReceived: number;
  /** By status. */
  readonly briAnswered: Record<string, number>;
  briFromStrangers: number;
  /** Of MAGs that authenticate their registrations, and nothing else. */
  briNotAuthentic: number;
  /** Of earlier sessions: sent before the MAG last registered what they mean. */
  briReplayed: number;
  braNotAuthentic: number;
  braReceived: number;
  braUnmatched: number;
  readonly braByStatus: Record<string, number>;
  heartbeatsFromStrangers: number;
  bindingErrorsSent: number;
  bindingErrorsSuppressed: number;
  /** Malformed messages by error code. */
  readonly malformed: Record<string, number>;
  /** Messages that are no business of an LMA, by kind. */
  readonly unexpected: Record<string, number>;
  /** Signalling over a transport that is not served, or from an address that is not unicast. */
  unservedSource: number;
  logsSuppressed: number;
}

export function createLmaStats(): LmaStats {
  return {
    pbuReceived: 0,
    pbuDiscarded: {},
    pbaSent: 0,
    pbaByStatus: {},
    bindingsCreated: 0,
    bindingsRefreshed: 0,
    bindingsHandedOver: 0,
    bindingsRestored: 0,
    deRegistrationsAccepted: 0,
    bindingsRevokedByMag: 0,
    deRegistrationsIgnored: 0,
    deRegistrationsUnmatched: 0,
    staleRefreshes: 0,
    waitsStarted: 0,
    waitsMoved: 0,
    waitsUnmoved: 0,
    waitsRefused: 0,
    interfaceMaximumReached: 0,
    authorizationsAsked: 0,
    authorizationsGranted: 0,
    authorizationsRejected: 0,
    authorizationsUnanswered: 0,
    authorizationsUnservable: 0,
    authorizationsPartlyWithoutEffect: 0,
    authorizationsOverMaximum: 0,
    authorizationsUnexpected: 0,
    sessionsChanged: 0,
    bindingsExpired: 0,
    bindingsInvalidated: 0,
    bindingsDeleted: 0,
    bindingMaximumReached: 0,
    forwardingFailed: 0,
    ipv4PoolExhausted: 0,
    ipv6PoolExhausted: 0,
    fixedAddressTaken: 0,
    briSent: 0,
    briRetransmitted: 0,
    briGivenUp: 0,
    briCancelled: 0,
    briNotSentQueueFull: 0,
    briReceived: 0,
    briAnswered: {},
    briFromStrangers: 0,
    briNotAuthentic: 0,
    briReplayed: 0,
    braNotAuthentic: 0,
    braReceived: 0,
    braUnmatched: 0,
    braByStatus: {},
    heartbeatsFromStrangers: 0,
    bindingErrorsSent: 0,
    bindingErrorsSuppressed: 0,
    malformed: {},
    unexpected: {},
    unservedSource: 0,
    logsSuppressed: 0,
  };
}

/** Counts `key`, which comes from a bounded set: names of ours, or one octet of a message. */
export function countUnder(counters: Record<string, number>, key: string): void {
  counters[key] = (counters[key] ?? 0) + 1;
}
