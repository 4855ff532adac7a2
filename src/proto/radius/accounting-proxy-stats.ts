/** Counters of what access points and controllers tell by RADIUS accounting, in the terms of RFC 4671 where it has one. */
export interface AccountingProxyStats {
  requests: number;
  duplicates: number;
  answered: number;
  /** Answered by a server that they were forwarded to. */
  forwarded: number;
  /** No server answered in time: the client gets no answer either. */
  notForwarded: number;
  strangers: number;
  malformed: number;
  wrongCodes: number;
  badAuthenticators: number;
  /** Dropped because too many waited. */
  overloads: number;
  /** Requests that a duplicate of would not be recognized any more, because too many came. */
  forgotten: number;
}

export function createAccountingProxyStats(): AccountingProxyStats {
  return {
    requests: 0,
    duplicates: 0,
    answered: 0,
    forwarded: 0,
    notForwarded: 0,
    strangers: 0,
    malformed: 0,
    wrongCodes: 0,
    badAuthenticators: 0,
    overloads: 0,
    forgotten: 0,
  };
}
