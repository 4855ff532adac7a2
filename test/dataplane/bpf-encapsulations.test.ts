import { describe } from 'vitest';
import { encapsulationSuite } from './encapsulations.ts';
import { groupSuite } from './groups.ts';
import { kernelBed, kernelBedMissing } from './kernel-bed.ts';

const missing = kernelBedMissing();

describe.skipIf(missing)(`the data plane in the kernel${missing ? ` (${missing})` : ''}`, () => {
  encapsulationSuite(() => kernelBed({ shared: true }));
  groupSuite(() => kernelBed({ shared: true }));
});
