import { type AnyCommand, type Complaint, signature } from './command.ts';

/** Said of every command that is understood, kept and printed, and changes nothing in the running system. */
export const noEffectYet: Complaint = { message: 'accepted and stored, but has no effect yet' };

/** Such commands, by mode and `signature`. To give a command its effect, implement it and take it off this list. */
export const withoutEffect: Readonly<Record<string, readonly string[]>> = {
  domain: ['auth-option spi … key', 'local-routing-mag', 'mn-profile-load-aaa'],
  profile: ['gre-encap-key up', 'gre-encap-key down'],
  lma: ['hnp maximum', 'heartbeat interval … retries', 'bce refresh-time'],
  'lma-mag': ['auth-option spi … key'],
  mag: ['local-routing-mag', 'sessionmgr'],
  'mag-lma': ['auth-option spi … key'],
};

export function hasNoEffectYet(mode: string, command: AnyCommand): boolean {
  return withoutEffect[mode]?.includes(signature(command)) ?? false;
}
