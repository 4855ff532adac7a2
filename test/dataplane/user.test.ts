import { describe, expect, it } from 'vitest';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import { complianceSuite } from './compliance.ts';
import { withCustomers } from './customers.ts';
import { encapsulationSuite } from './encapsulations.ts';
import { hostBed, kernelBedMissing } from './kernel-bed.ts';
import { nodeSuite } from './node-suite.ts';
import { vlanSuite } from './vlans.ts';

const missing = kernelBedMissing();
const survives = false;

describe.skipIf(missing)(`the data plane in user space${missing ? ` (${missing})` : ''}`, () => {
  complianceSuite(
    (forwarding) => hostBed(() => new UserDataPlane(), { shared: true, ...(forwarding && { forwarding }) }),
    { survives, customers: false },
  );
  it('refuses customers, whom it would mix up', () => {
    expect(() => new UserDataPlane().start(withCustomers)).toThrow(/customers/);
  });
  encapsulationSuite(() => hostBed(() => new UserDataPlane(), { shared: true }));
  describe('VLANs', () => vlanSuite(() => new UserDataPlane()));
  describe('of a node', () => nodeSuite(() => new UserDataPlane(), { survives }));
});
