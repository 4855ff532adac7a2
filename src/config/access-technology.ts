import type { AccessTechnologyName, Role } from './model.ts';

/** Numbers of the Access Technology Type option, RFC 5213 §8.5 "Access Technology Type Option". */
const NUMBERS: Record<AccessTechnologyName, number> = {
  virtual: 1,
  ppp: 2,
  ethernet: 3,
  gigabitethernet: 3,
  wlan: 4,
  wimax: 5,
};

const IEEE_802_11 = 4;
const IEEE_802_16E = 5;
const E_UTRAN = 8;

/**
 * Chooses: `3gpp` says which operator's network a MAG belongs to, not its radio: what attaches to its interfaces is Wi-Fi, as the
 * `att: 4` shows which Cisco's MAG tells of a node that attached at one of role 3GPP.
 */
const ROLE_NUMBERS: Record<Role, number> = {
  wlan: IEEE_802_11,
  '3gpp': IEEE_802_11,
  wimax: IEEE_802_16E,
  lte: E_UTRAN,
};

/** The number that a PBU carries for an interface type of `int att`. */
export function accessTechnologyNumber(name: AccessTechnologyName): number {
  return NUMBERS[name];
}

/** The number that a PBU carries for a mobile node on an access interface of a MAG in this role; Wi-Fi without one. */
export function roleAccessTechnology(role: Role | undefined): number {
  return role ? ROLE_NUMBERS[role] : IEEE_802_11;
}
