/** Why a session ended: RFC 2866 §5.10 "Acct-Terminate-Cause". */
export const TerminateCause = {
  USER_REQUEST: 1,
  LOST_SERVICE: 3,
  SESSION_TIMEOUT: 5,
  ADMIN_RESET: 6,
  ADMIN_REBOOT: 7,
  NAS_REQUEST: 10,
  NAS_REBOOT: 11,
} as const;
