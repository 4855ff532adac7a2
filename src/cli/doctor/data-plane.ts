import { release } from 'node:os';
import { bpfProblem, effectiveCapabilities, missingCapabilities } from '#daemon/preflight.ts';
import { rehearse } from '#daemon/rehearsal.ts';
import { explainStart } from '#daemon/start-error.ts';
import { hasVrfDevices, KERNEL_FEATURES, type KernelFeature, probeKernel } from '#host/kernel-features.ts';
import { type Check, error, type Finding, ok, warning } from './finding.ts';

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
      const problem = bpfProblem();
      const done = rehearse(HANDOVERS, 'auto');
      if (done === HANDOVERS)
        return [
          ok(`${kernel} has what the data plane needs: a handover in a namespace of its own worked`),
          ...(problem === undefined ? features() : [inUserSpace(problem)]),
        ];
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

function inUserSpace(problem: string): Finding {
  return warning(
    `packets are forwarded in user space, which is some times slower, and not while no daemon runs: ${problem}`,
    'run a distribution kernel, 5.10 or newer, with CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_BPF, or be content with it',
  );
}

const WITHOUT: Readonly<Record<KernelFeature, string>> = {
  batch: 'maps are read entry by entry, which takes longer with many bindings',
  tcx: 'programs are attached by clsact, which does as well',
  decapL3:
    'with ip cef, packets whose family is not that of their tunnel come out of it through the stack all the same',
  netnsCookie: 'what a killed daemon left in a network namespace is believed as long as its programs run there',
  pins: 'a daemon that starts after another was killed begins with empty tables',
};

function features(): Finding[] {
  const found = probeKernel();
  const [there, missing] = [true, false].map((is) => KERNEL_FEATURES.filter((feature) => found[feature] === is));
  const lacking = (missing ?? []).map((feature) => `without ${feature}: ${WITHOUT[feature]}`);
  const having = ok(`of what the data plane can do without, the kernel has ${there?.join(', ') || 'nothing'}`);
  const vrf = hasVrfDevices()
    ? 'the kernel has VRF devices: the table of a VRF may be that of one'
    : 'without VRF devices: rules and tables keep VRFs apart all the same';
  return [having, ...[...lacking, vrf].map((text) => ok(text))];
}
