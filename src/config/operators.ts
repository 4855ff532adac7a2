import type { Duration } from '#base/time.ts';
import type { Password } from './password.ts';

/** Who operates the node, and by which ways: `enable secret`, `username`, `ip ssh`, `line`. */
export interface OperatorsConfiguration {
  enableSecret?: Password;
  users: UserConfiguration[];
  ssh: SshConfiguration;
  console?: LineConfiguration;
  vty?: VtyConfiguration;
}

/** `username NAME privilege N secret …`. */
export interface UserConfiguration {
  name: string;
  /** 15 begins in privileged mode; 1 when absent. */
  privilege?: number;
  secret: Password;
}

export interface SshConfiguration {
  version2: boolean;
  port?: number;
  /** For the login. */
  timeOut?: Duration;
  /** Wrong passwords after which the connection ends. */
  retries?: number;
}

/** `line console 0`: a shell on the machine itself. */
export interface LineConfiguration {
  /** After which a shell with nobody at it ends; 0 for never. */
  idleTimeout?: Duration;
}

/** `line vty FIRST LAST`: shells over the network. */
export interface VtyConfiguration extends LineConfiguration {
  first: number;
  last: number;
  loginLocal: boolean;
  transport?: 'none' | 'ssh';
}

export const DEFAULT_IDLE_MINUTES = 10;
export const DEFAULT_SSH_PORT = 22;
export const DEFAULT_SSH_RETRIES = 3;
export const DEFAULT_SSH_TIMEOUT_SECONDS = 120;

export function emptyOperators(): OperatorsConfiguration {
  return { users: [], ssh: { version2: false } };
}

/** Whether operators may come by SSH: a vty takes it and asks for a name and password, and there is one. */
export function acceptsSsh({ vty, users }: OperatorsConfiguration): boolean {
  return vty?.transport === 'ssh' && vty.loginLocal && users.length > 0;
}
