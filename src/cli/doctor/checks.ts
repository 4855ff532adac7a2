import { clock } from './clock.ts';
import { configuration } from './configuration.ts';
import { dataPlane } from './data-plane.ts';
import type { Check } from './finding.ts';
import { forwarding } from './forwarding.ts';
import { kernelSettings } from './kernel-settings.ts';
import { peers } from './peers.ts';
import { ports } from './ports.ts';
import { protection } from './protection.ts';
import { rights } from './rights.ts';
import { transportMtu } from './transport-mtu.ts';

/** Every check of `mooring doctor`, in the order in which it reports. Another one is a file and a line here. */
export const checks: readonly Check[] = [
  rights,
  dataPlane,
  forwarding,
  kernelSettings,
  configuration,
  peers,
  transportMtu,
  clock,
  ports,
  protection,
];
