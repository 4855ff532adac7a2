import { describe } from 'vitest';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import { complianceSuite } from './compliance.ts';
import { encapsulationSuite } from './encapsulations.ts';
import { hostBed, kernelBedMissing } from './kernel-bed.ts';
import { nodeSuite } from './node-suite.ts';

const missing = kernelBedMissing();
const survives = false;

describe.skipIf(missing)(`the data plane in user space${missing ? ` (${missing})` : ''}`, () => {
  complianceSuite(
    (forwarding) => hostBed(() => new UserDataPlane(), { shared: true, ...(forwarding && { forwarding }) }),
    { survives },
  );
  encapsulationSuite(() => hostBed(() => new UserDataPlane(), { shared: true }));
  describe('of a node', () => nodeSuite(() => new UserDataPlane(), { survives }));
});
