import { type AnyCommand, type Complaint, signature } from './command.ts';

/** Said of every command that is understood, kept and printed, and changes nothing in the running system. */
export const noEffectYet: Complaint = { message: 'accepted and stored, but has no effect yet' };

/** Such commands, by mode and `signature`. To give a command its effect, implement it and take it off this list. */
export const withoutEffect: Readonly<Record<string, readonly string[]>> = {
  domain: ['mobile-map'],
  'mobile-map': ['match access-list', 'set link-type', 'traffic-profile'],
  lma: ['multipath', 'mobile-map', 'role 3gma', 'mobility-service mobile-local-loop'],
  'lma-network': [
    'mobile-network pool … pool-prefix … network-prefix',
    'mobile-network v6pool … pool-prefix … network-prefix',
  ],
  'lma-role': ['interface', 'rat … priority'],
  'lma-local-loop': ['customer … vrf'],
  'lma-customer': ['auth-option spi … key', 'heartbeat', 'network unauthorized', 'transport'],
  'lma-customer-transport': ['address ipv4', 'address ipv6'],
  mag: ['multipath', 'mobile-map', 'address dynamic', 'mobility-service hybrid-access'],
  'mag-dynamic-address': ['roaming interface'],
  'mag-hybrid-access': ['profile-definition'],
  'traffic-profile': ['jitter', 'rtt', 'packet-loss'],
};

export function hasNoEffectYet(mode: string, command: AnyCommand): boolean {
  return withoutEffect[mode]?.includes(signature(command)) ?? false;
}
