/** Packets for each program of the data plane, and what must become of them. */
import type { ProgramCase } from './program-bed.ts';
import { encapCases, segmentCases } from './program-cases-core.ts';
import { largeCases } from './program-cases-large.ts';
import { accessCases, coreCases, filterCases, otherCases } from './program-cases-links.ts';
import { neighbourCases } from './program-cases-neighbours.ts';
import { decapCases } from './program-cases-tunnels.ts';

export const PROGRAM_CASES: readonly ProgramCase[] = [
  ...decapCases,
  ...segmentCases,
  ...largeCases,
  ...encapCases,
  ...accessCases,
  ...coreCases,
  ...neighbourCases,
  ...otherCases,
  ...filterCases,
];
