import { describe } from 'vitest';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { customerRouterSuite } from './customer-router.ts';
import { kernelBedMissing } from './kernel-bed.ts';

const missing = kernelBedMissing();

describe.skipIf(missing)(`customers of a router in the kernel${missing ? ` (${missing})` : ''}`, () =>
  customerRouterSuite(() => new BpfDataPlane()),
);
