import { describe } from 'vitest';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { kernelBedMissing } from './kernel-bed.ts';
import { nodeSuite } from './node-suite.ts';

const missing = kernelBedMissing();

describe.skipIf(missing)(`a node in the kernel${missing ? ` (${missing})` : ''}`, () =>
  nodeSuite(() => new BpfDataPlane()),
);
