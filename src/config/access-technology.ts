import type { AccessTechnologyName } from './model.ts';

/** Numbers of the Access Technology Type option, RFC 5213 §8.5 "Access Technology Type Option". */
const NUMBERS: Record<AccessTechnologyName, number> = {
  virtual: 1,
  ppp: 2,
  ethernet: 3,
  gigabitethernet: 3,
  wlan: 4,
  wimax: 5,
};

/** The number that a PBU carries for an interface type of `int att`. */
export function accessTechnologyNumber(name: AccessTechnologyName): number {
  return NUMBERS[name];
}
