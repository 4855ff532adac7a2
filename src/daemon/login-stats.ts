/** What became of those who wanted in, since the daemon started. */
export type LoginStats = ReturnType<typeof createLoginStats>;

export function createLoginStats() {
  return {
    /** By the word of a RADIUS server, the password of a `username`, or a key. */
    acceptedByServer: 0,
    acceptedByPassword: 0,
    acceptedByKey: 0,
    rejectedByServer: 0,
    /** No method knows the name, or the password or the signature is wrong. */
    rejected: 0,
    /** Groups of which no server answered. */
    unanswered: 0,
    /** Turned away after too many wrong passwords, and as too many were judged at once. */
    lockedOut: 0,
    tooMany: 0,
    /** Passwords for privileged mode. */
    enableAccepted: 0,
    enableRejected: 0,
  };
}
