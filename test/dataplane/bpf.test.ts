import { describe } from 'vitest';
import { complianceSuite } from './compliance.ts';
import { kernelBed, kernelBedMissing } from './kernel-bed.ts';

const missing = kernelBedMissing();

describe.skipIf(missing)(`the data plane in the kernel${missing ? ` (${missing})` : ''}`, () =>
  complianceSuite((forwarding) => kernelBed({ shared: true, ...(forwarding && { forwarding }) })),
);
