import { describe } from 'vitest';
import { complianceSuite } from './compliance.ts';
import { encapsulationSuite } from './encapsulations.ts';
import { groupSuite } from './groups.ts';
import { memoryBed } from './memory-bed.ts';

describe('the data plane in memory', () => {
  complianceSuite(memoryBed);
  encapsulationSuite(memoryBed);
  groupSuite(memoryBed);
});
