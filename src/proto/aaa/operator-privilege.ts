import type { RadiusAttribute } from '#wire/radius.ts';
import { ciscoPairs, DICTIONARY } from './attributes.ts';

const ADMINISTRATIVE_USER = 6;
const FULL_PRIVILEGE = 15;

/**
 * Whether an operator begins in privileged mode. Chooses: by `shell:priv-lvl=15`, or by Service-Type Administrative-User (RFC 2865 §5.6 "Service-Type"), in the answer that lets the operator in: there is no further
 * authorization of shells.
 */
export function isPrivileged(attributes: readonly RadiusAttribute[]): boolean {
  const level = Number(ciscoPairs(attributes).get('shell:priv-lvl') ?? 1);
  return level >= FULL_PRIVILEGE || DICTIONARY.find({ attributes }, 'Service-Type') === ADMINISTRATIVE_USER;
}
