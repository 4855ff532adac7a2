import { readFileSync } from 'node:fs';
import { probeKernel, WITHOUT } from '#host/kernel-features.ts';
import { alloc, bpf, close, EACCES, ENOSYS, EPERM, errno, errnoName, SystemCallError } from '#host/posix.ts';

const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;
type Capability = keyof typeof CAPABILITIES;

/** What the daemon needs, when it is not root. */
export const NEEDED_CAPABILITIES = ['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_BPF', 'CAP_PERFMON'] as const;

const BPF_MAP_CREATE = 0;
const BPF_MAP_TYPE_ARRAY = 2;

/** The data plane that the operator wants; `auto`: in eBPF where that is possible. */
export type DataPlaneChoice = 'auto' | 'ebpf' | 'user';

/** Why this process may not or cannot run the daemon here; empty when it can. */
export function preflight(choice: DataPlaneChoice = 'auto'): string[] {
  const missing = missingCapabilities(effectiveCapabilities(), choice);
  if (missing.length > 0) return [explainMissing(missing)];
  const problem = choice === 'ebpf' ? bpfProblem() : undefined;
  return problem === undefined ? [] : [problem];
}

/** Why there can be no data plane in eBPF; `undefined` when there can. */
export function bpfProblem(): string | undefined {
  if (WITHOUT.includes('bpf')) return 'MOORING_WITHOUT excludes BPF';
  const failure = tryBpf();
  if (failure !== undefined) return explainBpfFailure(failure);
  try {
    probeKernel();
    return undefined;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    return `the kernel refuses the simplest program: ${error.message}`;
  }
}

/**
 * `effective`: the bit set of CapEff. CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON, which kernels before 5.8 do not know, and a data plane in user
 * space does without.
 */
export function missingCapabilities(effective: bigint, choice: DataPlaneChoice = 'auto'): Capability[] {
  const has = (capability: Capability) => ((effective >> BigInt(CAPABILITIES[capability])) & 1n) === 1n;
  const missing = NEEDED_CAPABILITIES.filter((capability) => !has(capability));
  const isWithoutBpf = choice === 'user' || has('CAP_SYS_ADMIN');
  return isWithoutBpf ? missing.filter((capability) => capability.startsWith('CAP_NET')) : missing;
}

/** `failure`: the errno of bpf(2) for the simplest map. */
export function explainBpfFailure(failure: number): string {
  if (failure === ENOSYS) {
    return 'this kernel has no BPF (CONFIG_BPF_SYSCALL), which the data plane needs; run a distribution kernel, 5.10 or newer';
  }
  if (failure === EPERM || failure === EACCES) {
    return `the kernel does not let this process use BPF (${errnoName(failure)}), although it has the capabilities; a container's seccomp profile or kernel lockdown forbids it`;
  }
  return `the kernel refuses the simplest BPF map: ${errnoName(failure)}`;
}

function explainMissing(missing: readonly Capability[]): string {
  const list = missing.join(', ');
  return `this process lacks ${list}; run it as root, or give it these, for instance with "AmbientCapabilities=${NEEDED_CAPABILITIES.join(' ')}" in a systemd unit`;
}

/** The bit set of CapEff of this process. */
export function effectiveCapabilities(): bigint {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return BigInt(`0x${digits ?? '0'}`);
}

/** The errno of the failure; `undefined` when BPF works. */
function tryBpf(): number | undefined {
  const attributes = alloc(72);
  for (const [i, word] of [BPF_MAP_TYPE_ARRAY, 4, 4, 1].entries()) attributes.buffer.writeUInt32LE(word, i * 4);
  const fd = bpf(BPF_MAP_CREATE, attributes.pointer, 72);
  if (fd < 0) return errno();
  close(fd);
  return undefined;
}
