export interface CrashReport {
  readonly kills: number;
  /** Registrations of an LMA, leases of a MAG. */
  readonly accepted: number;
  /** What was accepted and was not there afterwards, or with other addresses. */
  readonly lost: number;
  /** Bindings that would have ended sooner than was acknowledged; of an LMA. */
  readonly cutShort: number;
  /** Addresses that a mobile node got while another had them. */
  readonly givenTwice: number;
  readonly medianRestartMs: number;
}
