import { afterEach, describe, expect, it } from 'vitest';
import { startDataPlane } from '#daemon/start-data-plane.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { WITHOUT } from '#host/kernel-features.ts';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import { UserState } from '#host/user/user-state.ts';
import { anchored, attached, CORRESPONDENT4, ipv4, node } from './bed.ts';
import { awaitCarrier, type HostBed, hostBed, kernelBedMissing, NODE_NAMESPACE } from './kernel-bed.ts';
import { stateOf } from './node-state.ts';
import { udpPacket } from './packets.ts';

const missing = kernelBedMissing();

describe.skipIf(missing)(`the data plane of a daemon${missing ? ` (${missing})` : ''}`, () => {
  let bed: HostBed<HostDataPlane>;
  afterEach(() => bed.close());

  it('goes over from the kernel to user space and back after a daemon was killed, and nothing of either is left', () => {
    bed = hostBed((): HostDataPlane => new UserDataPlane(), { started: false });
    awaitCarrier();
    bed.inside(leaveStateOfAnother);
    const before = stateOf(NODE_NAMESPACE);
    for (const choice of ['ebpf', 'user', 'ebpf', 'user'] as const) {
      const { plane, kind } = bed.inside(() => startDataPlane(choice, node));
      expect(kind).toBe(choice);
      expect(plane.apply([anchored, attached].map((forwarding) => ({ kind: 'set', forwarding }))).failed).toEqual([]);
      bed.plane = plane;
      const down = { from: 'core', packet: udpPacket(CORRESPONDENT4, ipv4('192.0.2.1')) } as const;
      expect(bed.exchange(down)).toMatchObject([{ to: 'transport' }]);
      bed.inside(() => plane.close({ keep: true }));
    }
    bed.inside(() => {
      const { plane } = startDataPlane('user', node);
      plane.close();
    });
    expect(stateOf(NODE_NAMESPACE)).toEqual(before);
  });

  it('is in the kernel where that has BPF and in user space where it has not, unless the operator says otherwise', () => {
    bed = hostBed((): HostDataPlane => new UserDataPlane(), { started: false });
    const started = (choice: 'auto' | 'user') =>
      bed.inside(() => {
        const { plane, kind, reason } = startDataPlane(choice, node);
        plane.close();
        return [kind, reason];
      });
    expect(started('auto')).toEqual(['ebpf', undefined]);
    expect(started('user')).toEqual(['user', undefined]);
    const without = WITHOUT as string[];
    without.push('bpf');
    try {
      expect(started('auto')).toEqual(['user', 'MOORING_WITHOUT excludes BPF']);
    } finally {
      without.pop();
    }
  });
});

/** As of a killed daemon in a network namespace that is gone, and whose number this one has got. */
function leaveStateOfAnother(): void {
  const state = new UserState('pmip0', true);
  state.former.settings['ipv6/conf/acc/addr_gen_mode'] = '0';
  state.note();
}
