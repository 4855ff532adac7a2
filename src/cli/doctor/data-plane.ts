import { release } from 'node:os';
import { effectiveCapabilities, missingCapabilities } from '#daemon/preflight.ts';
import { rehearse } from '#daemon/rehearsal.ts';
import { explainStart } from '#daemon/start-error.ts';
import { type Check, error, ok, warning } from './finding.ts';

const HANDOVERS = 2;

/** The kernel's TAP, tc and BPF, tried out: handovers are played in a network namespace that is gone afterwards. */
export const dataPlane: Check = {
  name: 'data-plane',
  examine() {
    const kernel = `Linux ${release()}`;
    const missing = missingCapabilities(effectiveCapabilities());
    if (missing.length > 0)
      return [
        warning(
          `whether ${kernel} has what the data plane needs was not tried, for want of rights`,
          'run this as root',
        ),
      ];
    try {
      const done = rehearse(HANDOVERS);
      if (done === HANDOVERS)
        return [ok(`${kernel} has what the data plane needs: a handover in a namespace of its own worked`)];
      return [
        error(
          `a handover in a namespace of its own did not work on ${kernel}`,
          'run a distribution kernel, 5.10 or newer',
        ),
      ];
    } catch (failure) {
      const advice =
        'run a distribution kernel, 5.10 or newer, with CONFIG_BPF_SYSCALL, CONFIG_NET_CLS_BPF and CONFIG_TUN; in a container, let it make network namespaces and use BPF';
      return [error(`the data plane does not start on ${kernel}: ${explainStart(failure)}`, advice)];
    }
  },
};
