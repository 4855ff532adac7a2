/** What the daemon hands to the process that serves SSH, together with the socket that listens. */
export interface SshSettings {
  /** In PEM. */
  readonly hostKey: string;
  /** The control socket that this process, and no other, is to use. */
  readonly controlPath: string;
  /** Whom the process becomes; absent where the daemon itself may not choose. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Operators at once. */
  readonly lines: number;
  readonly loginSeconds: number;
  /** Wrong passwords after which a connection ends. */
  readonly retries: number;
}
