import { BpfMap, loadProgram, MapType, ProgramType } from './bpf.ts';
import { bpfFileSystem } from './bpf-pins.ts';
import type { BpfObject } from './elf.ts';
import { Netlink } from './netlink.ts';
import { vrfDeviceWithoutTable } from './netlink-requests.ts';
import { close, EINVAL, SystemCallError } from './posix.ts';
import { hasTcx } from './tcx.ts';

/** What a kernel may have or not, and the data plane does without where it must. */
export interface KernelFeatures {
  /** Many entries of a map in one system call (Linux 5.6). */
  readonly batch: boolean;
  /** Hooks for programs at an interface, without a queueing discipline (Linux 6.6). */
  readonly tcx: boolean;
  /** A BPF file system, in which maps and programs outlive the process. */
  readonly pins: boolean;
}

export type KernelFeature = keyof KernelFeatures;

export const KERNEL_FEATURES: readonly KernelFeature[] = ['batch', 'tcx', 'pins'];

/** Names of features that are not to be used although they are there, with commas: for tests, and against a kernel's faults. */
const SWITCH = 'MOORING_WITHOUT';

/** What it excludes; `bpf` is all of them. */
export const WITHOUT: readonly string[] = (process.env[SWITCH] ?? '').split(',');

/** Tries what this kernel has. Throws `SystemCallError`: EPERM without the capabilities, ENOSYS where it has no bpf(2). */
export function probeKernel(): KernelFeatures {
  return { batch: hasBatches(), tcx: hasTcxHooks(), pins: bpfFileSystem() !== undefined };
}

/** What the data plane may use: what is there, but for what the operator's environment and `without` exclude. */
export function usableFeatures(without: readonly KernelFeature[] = []): KernelFeatures {
  const excluded = [...WITHOUT, ...without];
  const found = probeKernel();
  const use = (feature: KernelFeature) => found[feature] && !excluded.includes(feature);
  return { batch: use('batch'), tcx: use('tcx'), pins: use('pins') };
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

/** A program that returns 0. */
const NOTHING: BpfObject = {
  license: 'GPL',
  programs: new Map([
    [
      'probe',
      { section: 'probe', instructions: Buffer.from('b7000000000000009500000000000000', 'hex'), mapReferences: [] },
    ],
  ]),
};

function hasTcxHooks(): boolean {
  const program = loadProgram(NOTHING, 'probe', ProgramType.SCHED_CLS, {});
  try {
    return hasTcx(program);
  } finally {
    close(program);
  }
}
