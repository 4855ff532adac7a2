import { describe } from 'vitest';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { kernelBedMissing } from './kernel-bed.ts';
import { vlanSuite } from './vlans.ts';

const missing = kernelBedMissing();

describe.skipIf(missing)(`VLANs of the data plane in the kernel${missing ? ` (${missing})` : ''}`, () =>
  vlanSuite(() => new BpfDataPlane()),
);
