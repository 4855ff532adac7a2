import { BpfMap, loadProgram, MapType, ProgramType } from './bpf.ts';
import { bpfFileSystem } from './bpf-pins.ts';
import { runProgram } from './bpf-test-run.ts';
import type { BpfObject } from './elf.ts';
import { raiseLockedMemory } from './locked-memory.ts';
import { Netlink } from './netlink.ts';
import { vrfDeviceWithoutTable } from './netlink-requests.ts';
import { networkNamespaceCookie } from './netns.ts';
import { close, EINVAL, SystemCallError } from './posix.ts';
import { hasTcx } from './tcx.ts';

/** What a kernel may have or not, and the data plane does without where it must. */
export interface KernelFeatures {
  /** Many entries of a map in one system call (Linux 5.6). */
  readonly batch: boolean;
  /** Hooks for programs at an interface, without a queueing discipline (Linux 6.6). */
  readonly tcx: boolean;
  /** Outer headers of another family are taken off a packet that then goes on without coming in anew (Linux 6.3). */
  readonly decapL3: boolean;
  /** A BPF file system, in which maps and programs outlive the process. */
  readonly pins: boolean;
  /** Network namespaces have a number that no later one gets (Linux 5.14). */
  readonly netnsCookie: boolean;
}

export type KernelFeature = keyof KernelFeatures;

export const KERNEL_FEATURES: readonly KernelFeature[] = ['batch', 'tcx', 'decapL3', 'pins', 'netnsCookie'];

/** Names of features that are not to be used although they are there, with commas: for tests, and against a kernel's faults. */
const SWITCH = 'MOORING_WITHOUT';

/** What it excludes; `bpf` is all of them. */
export const WITHOUT: readonly string[] = (process.env[SWITCH] ?? '').split(',');

/** Tries what this kernel has. Throws `SystemCallError`: EPERM without the capabilities, ENOSYS where it has no bpf(2). */
export function probeKernel(): KernelFeatures {
  raiseLockedMemory();
  return {
    batch: hasBatches(),
    tcx: hasTcxHooks(),
    decapL3: hasDecapL3(),
    pins: bpfFileSystem() !== undefined,
    netnsCookie: networkNamespaceCookie() !== 0n,
  };
}

/** What the data plane may use: what is there, but for what the operator's environment and `without` exclude. */
export function usableFeatures(without: readonly KernelFeature[] = []): KernelFeatures {
  const excluded = [...WITHOUT, ...without];
  const found = probeKernel();
  const use = (feature: KernelFeature) => found[feature] && !excluded.includes(feature);
  return Object.fromEntries(KERNEL_FEATURES.map((feature) => [feature, use(feature)])) as unknown as KernelFeatures;
}

/** Whether the kernel has VRF devices. Asks for one without the routing table that it must name, so that none comes of it. */
export function hasVrfDevices(): boolean {
  const netlink = new Netlink();
  try {
    const [refusal] = netlink.batch([vrfDeviceWithoutTable()]);
    return refusal?.errno === EINVAL;
  } finally {
    netlink.close();
  }
}

function hasBatches(): boolean {
  const map = new BpfMap({ name: 'probe', type: MapType.HASH, keySize: 4, valueSize: 4, maximumEntries: 1 });
  try {
    return [...map.entries({ batch: true })].length === 0;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    return false;
  } finally {
    map.close();
  }
}

const EXIT = '9500000000000000';
/** Returns 0. */
const NOTHING = probeProgram('b700000000000000', EXIT);
/** Returns what bpf_skb_adjust_room(packet, -20, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_DECAP_L3_IPV4) says. */
const DECAP_L3 = probeProgram('b7020000ecffffff', 'b703000001000000', 'b704000080000000', '8500000032000000', EXIT);
/** IPv4 in IPv4, as far as a kernel looks at it. */
const TUNNEL_FRAME = Buffer.from(`${'00'.repeat(12)}0800${`45${'00'.repeat(19)}`.repeat(2)}`, 'hex');

function probeProgram(...instructions: readonly string[]): BpfObject {
  const code = { section: 'probe', instructions: Buffer.from(instructions.join(''), 'hex'), mapReferences: [] };
  return { license: 'GPL', programs: new Map([['probe', code]]) };
}

function hasTcxHooks(): boolean {
  return tryWith(NOTHING, hasTcx);
}

function hasDecapL3(): boolean {
  return tryWith(DECAP_L3, (program) => runProgram(program, TUNNEL_FRAME).verdict === 0);
}

function tryWith(object: BpfObject, test: (program: number) => boolean): boolean {
  const program = loadProgram(object, 'probe', ProgramType.SCHED_CLS, {});
  try {
    return test(program);
  } finally {
    close(program);
  }
}
