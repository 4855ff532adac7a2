import { defineConfig } from 'vitest/config';

/** Layers whose tests make network namespaces, load BPF programs, or start daemons or a browser. They wait more than they compute, for timers of the protocol. */
const SYSTEM = ['lab', 'dataplane', 'daemon', 'host', 'web'].map((layer) => `test/${layer}/**/*.test.ts`);

/** Tests that assert how soon packets flow again. They run alone: others take the processor, and the kernel's locks that all network namespaces share. */
const TIMED = ['test/lab/lab.test.ts'];

/** What was late once is tried again where others share the machine, and the report says so. */
const retry = process.env.CI === undefined ? 0 : 1;

/** `MOORING_NIGHTLY=1` runs the long variants too, so it gets the longer limit. */
const nightly = process.env.MOORING_NIGHTLY !== undefined;

export default defineConfig({
  test: {
    // Daemons that tests start keep nothing, and play no handover at the start, unless a test says so.
    env: { MOORING_STATE: 'memory', MOORING_NO_REHEARSAL: '1' },
    testTimeout: nightly ? 600_000 : 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: SYSTEM,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: SYSTEM,
          exclude: TIMED,
          maxWorkers: 2,
          retry,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'timed',
          include: TIMED,
          maxWorkers: 1,
          retry,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
