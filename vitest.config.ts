import { defineConfig } from 'vitest/config';

/** Layers whose tests make network namespaces, load BPF programs, or start daemons or a browser. They wait more than they compute, for timers of the protocol. */
const SYSTEM = ['lab', 'dataplane', 'daemon', 'host', 'web'].map((layer) => `test/${layer}/**/*.test.ts`);

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
          maxWorkers: 2,
          // Real timers on a shared machine: what was late once is tried again, and the report says so.
          retry: process.env.CI === undefined ? 0 : 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
