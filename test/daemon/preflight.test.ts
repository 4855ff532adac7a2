import { describe, expect, it } from 'vitest';
import { explainBpfFailure, missingCapabilities } from '#daemon/preflight.ts';
import { EINVAL, ENOSYS, EPERM } from '#host/posix.ts';

const bits = (...numbers: number[]) => numbers.reduce((set, number) => set | (1n << BigInt(number)), 0n);
const [NET_ADMIN, NET_RAW, SYS_ADMIN, PERFMON, BPF] = [12, 13, 21, 38, 39] as const;

describe('preflight', () => {
  it('names the capabilities that are missing', () => {
    expect(missingCapabilities(0n)).toEqual(['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_BPF', 'CAP_PERFMON']);
    expect(missingCapabilities(bits(NET_ADMIN, PERFMON, BPF))).toEqual(['CAP_NET_RAW']);
    expect(missingCapabilities(bits(NET_ADMIN, NET_RAW, PERFMON, BPF))).toEqual([]);
  });

  it('takes CAP_SYS_ADMIN for CAP_BPF and CAP_PERFMON, as kernels before 5.8 do', () => {
    expect(missingCapabilities(bits(NET_ADMIN, NET_RAW, SYS_ADMIN))).toEqual([]);
  });

  it('tells a kernel without BPF from one that forbids it', () => {
    expect(explainBpfFailure(ENOSYS)).toContain('this kernel has no BPF');
    expect(explainBpfFailure(EPERM)).toMatch(/EPERM.*seccomp/);
    expect(explainBpfFailure(EINVAL)).toContain('EINVAL');
  });
});
