import { readFileSync } from 'node:fs';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import { BpfLoadError, loadProgram, ProgramType } from './bpf.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { Pins } from './bpf-pins.ts';
import { type BpfObject, BpfObjectError, readBpfObject } from './elf.ts';
import { close, EACCES, ENOSYS, EPERM, SystemCallError } from './posix.ts';

export const OBJECT_FILE = new URL('../../bpf/pmip.bpf.o', import.meta.url);

/** Descriptors of the loaded programs. */
export interface PmipPrograms {
  readonly encap: number;
  readonly pmipIn: number;
  readonly decap: number;
  readonly accessIn: number;
  readonly coreIn: number;
  /** Where there is no Ethernet. */
  readonly coreL3In: number;
  readonly neighbours: number;
  readonly vlanIn: number;
  readonly vlanOut: number;
  /** A socket filter. */
  readonly accessFilter: number;
}

/** Reads the committed object. Throws `DataPlaneError`. */
export function readPmipObject(file: URL = OBJECT_FILE): BpfObject {
  try {
    return readBpfObject(readFileSync(file));
  } catch (error) {
    if (error instanceof BpfObjectError) {
      throw new DataPlaneError('object-refused', `${file.pathname}: ${error.message}`, { cause: error });
    }
    const message = `cannot read the BPF programs: ${(error as Error).message}; reinstall Mooring, or run "make -C bpf"`;
    throw new DataPlaneError('object-missing', message, { cause: error });
  }
}

/** Throws `BpfLoadError`. */
export function loadPrograms(object: BpfObject, maps: PmipMaps['byName']): PmipPrograms {
  const loaded: number[] = [];
  const load = (section: string, type: number): number => {
    const fd = loadProgram(object, section, type, maps);
    loaded.push(fd);
    return fd;
  };
  try {
    return {
      encap: load('tc/encap', ProgramType.SCHED_CLS),
      pmipIn: load('tc/pmip_in', ProgramType.SCHED_CLS),
      decap: load('tc/decap', ProgramType.SCHED_CLS),
      accessIn: load('tc/access_in', ProgramType.SCHED_CLS),
      coreIn: load('tc/core_in', ProgramType.SCHED_CLS),
      coreL3In: load('tc/core_l3_in', ProgramType.SCHED_CLS),
      neighbours: load('tc/neighbours', ProgramType.SCHED_CLS),
      vlanIn: load('tc/vlan_in', ProgramType.SCHED_CLS),
      vlanOut: load('tc/vlan_out', ProgramType.SCHED_CLS),
      accessFilter: load('socket/access', ProgramType.SOCKET_FILTER),
    };
  } catch (error) {
    for (const fd of loaded) close(fd);
    throw error;
  }
}

/** Lets them outlive this process, for whoever looks at them. Throws `SystemCallError`. */
export function pinPrograms(programs: PmipPrograms, pins: Pins): void {
  for (const [name, fd] of Object.entries(programs)) pins.put(`program-${name}`, fd);
}

export function closePrograms(programs: PmipPrograms): void {
  for (const fd of Object.values(programs)) close(fd);
}

/** The same failure with what to do about it. */
export function explainBpfFailure(error: unknown): unknown {
  if (!(error instanceof SystemCallError || error instanceof BpfLoadError)) return error;
  if (error.errno === ENOSYS) {
    const message =
      'this kernel has no BPF; the data plane needs Linux 5.10 or newer with CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_BPF';
    return new DataPlaneError('no-bpf', message, { cause: error });
  }
  if (error.errno === EPERM || (error.errno === EACCES && !(error instanceof BpfLoadError))) {
    const message = `${error.message}; the data plane needs root, or CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN and CAP_NET_RAW`;
    return new DataPlaneError('not-permitted', message, { cause: error });
  }
  if (error instanceof BpfLoadError) {
    return new DataPlaneError('object-refused', `the kernel refuses ${error.message}`, { cause: error });
  }
  return new DataPlaneError('system', error.message, { cause: error });
}
