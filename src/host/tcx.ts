/** Programs at the tcx hooks of an interface (Linux 6.6), each held there by a link. */
import { objectInfo } from './bpf.ts';
import type { Hook } from './clsact.ts';
import { bpf, check, EINVAL, ENODEV, errno, SystemCallError } from './posix.ts';

const LINK_CREATE = 28;
const LINK_UPDATE = 29;
const LINK_DETACH = 34;
const ATTACH_TYPE = { ingress: 46, egress: 47, vlan: 46, neighbours: 46 } as const;
/** BPF_F_BEFORE, of no other program in particular. */
const BEFORE_ALL = 1 << 3;
const CREATE_SIZE = 64;
const UPDATE_SIZE = 16;
const DETACH_SIZE = 4;
/** Of what the kernel tells of a link, up to the interface of one at tcx. */
const LINK_INFO = 24;
const LINK_INFO_INTERFACE = 16;
const NO_INTERFACE = 0x7fffffff;

/** Attaches a program in front of others; gives the link, which must live as long as the program shall run. Throws `SystemCallError`. */
export function createLink(index: number, hook: Hook, program: number): number {
  const link = create(index, hook, program);
  if (link < 0) throw new SystemCallError(`attach a program to interface ${index}`, errno());
  return link;
}

/** Lets another program run in the place of the one that the link holds. Throws `SystemCallError`. */
export function updateLink(link: number, program: number): void {
  const attributes = Buffer.from(new ArrayBuffer(UPDATE_SIZE));
  attributes.writeUInt32LE(link, 0);
  attributes.writeUInt32LE(program, 4);
  check('update a BPF link', bpf(LINK_UPDATE, attributes, UPDATE_SIZE));
}

/** The interface that the link holds a program at; 0 when that is gone. Throws `SystemCallError`. */
export function linkInterface(link: number): number {
  return objectInfo('BPF link info', link, LINK_INFO).readUInt32LE(LINK_INFO_INTERFACE);
}

/** Fine when the interface is gone. Throws `SystemCallError`. */
export function detachLink(link: number): void {
  const attributes = Buffer.from(new ArrayBuffer(DETACH_SIZE));
  attributes.writeUInt32LE(link, 0);
  if (bpf(LINK_DETACH, attributes, DETACH_SIZE) < 0 && errno() !== ENODEV && errno() !== EINVAL)
    throw new SystemCallError('detach a BPF link', errno());
}

/** Whether this kernel has the hooks, asked with a program of type SCHED_CLS. */
export function hasTcx(program: number): boolean {
  return create(NO_INTERFACE, 'ingress', program) < 0 && errno() === ENODEV;
}

function create(index: number, hook: Hook, program: number): number {
  const attributes = Buffer.from(new ArrayBuffer(CREATE_SIZE));
  attributes.writeUInt32LE(program, 0);
  attributes.writeInt32LE(index, 4);
  attributes.writeUInt32LE(ATTACH_TYPE[hook], 8);
  if (hook === 'neighbours') attributes.writeUInt32LE(BEFORE_ALL, 12);
  return bpf(LINK_CREATE, attributes, CREATE_SIZE);
}
