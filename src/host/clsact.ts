import {
  attributesOf,
  type Netlink,
  type NetlinkAttribute,
  type NetlinkRequest,
  NLM_F_CREATE,
  NLM_F_EXCL,
} from './netlink.ts';
import { EEXIST, EINVAL, ENODEV, ENOENT } from './posix.ts';

/** `vlan` and `neighbours`: ingress, before the other program of ours. */
export type Hook = 'ingress' | 'egress' | 'vlan' | 'neighbours';

const RTM_NEWQDISC = 36;
const RTM_DELQDISC = 37;
const RTM_NEWTFILTER = 44;
const RTM_DELTFILTER = 45;
const RTM_GETTFILTER = 46;
const TCMSG = 20;
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TCA_BPF_FD = 6;
const TCA_BPF_NAME = 7;
const TCA_BPF_FLAGS = 8;
const BPF_DIRECT_ACTION = 1;
const CLSACT_HANDLE = 0xffff0000;
const CLSACT_PARENT = 0xfffffff1;
const PARENT = { ingress: 0xfffffff2, egress: 0xfffffff3, vlan: 0xfffffff2, neighbours: 0xfffffff2 } as const;
const ETH_P_ALL = 0x0003;

/** Ours among the filters of an interface; early, before those of other programs that leave the choice to the kernel. */
const PRIORITY = { ingress: 213, egress: 213, vlan: 212, neighbours: 211 } as const;
const HANDLE = 1;

/**
 * Attaches a program to an interface; one that was there in its place is replaced without a gap. It stays when this process ends.
 * Says whether the interface had no clsact before. Throws `NetlinkError`.
 */
export function attachProgram(netlink: Netlink, index: number, hook: Hook, program: number, name: string): boolean {
  const failure = netlink.batch([qdisc('add', RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index)])[0];
  if (failure && failure.errno !== EEXIST)
    netlink.request(qdisc('add', RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index));
  const options: NetlinkAttribute[] = [
    [TCA_BPF_FD, program],
    [TCA_BPF_NAME, name],
    [TCA_BPF_FLAGS, BPF_DIRECT_ACTION],
  ];
  netlink.request(filter(`attach ${name} to interface ${index}`, RTM_NEWTFILTER, NLM_F_CREATE, index, hook, options));
  return !failure;
}

/** Takes our program off, and clsact with it when nobody else uses it. Fine when neither is there. */
export function detachProgram(netlink: Netlink, index: number, hook: Hook): void {
  const absent = [ENOENT, ENODEV, EINVAL];
  netlink.request(filter(`detach from interface ${index}`, RTM_DELTFILTER, 0, index, hook, undefined), absent);
  if (!hasFilters(netlink, index)) netlink.request(qdisc('remove', RTM_DELQDISC, 0, index), absent);
}

/** Whether our program is there. */
export function isAttached(netlink: Netlink, index: number, hook: Hook): boolean {
  return priorities(netlink, index, hook).includes(PRIORITY[hook]);
}

function hasFilters(netlink: Netlink, index: number): boolean {
  return priorities(netlink, index, 'ingress').length + priorities(netlink, index, 'egress').length > 0;
}

function priorities(netlink: Netlink, index: number, hook: Hook): number[] {
  const found: number[] = [];
  const request = {
    name: 'list filters',
    type: RTM_GETTFILTER,
    flags: 0,
    body: tcmsg(index, 0, PARENT[hook], 0),
    attributes: [],
  };
  netlink.dump(request, (message) => {
    if (attributesOf(message, TCMSG).has(TCA_KIND)) found.push(message.readUInt32LE(16) >>> 16);
  });
  return found;
}

function qdisc(verb: string, type: number, flags: number, index: number): NetlinkRequest {
  const body = tcmsg(index, CLSACT_HANDLE, CLSACT_PARENT, 0);
  return { name: `${verb} clsact of interface ${index}`, type, flags, body, attributes: [[TCA_KIND, 'clsact']] };
}

function filter(
  name: string,
  type: number,
  flags: number,
  index: number,
  hook: Hook,
  options: readonly NetlinkAttribute[] | undefined,
): NetlinkRequest {
  const swapped = ((ETH_P_ALL & 0xff) << 8) | (ETH_P_ALL >> 8);
  const body = tcmsg(index, HANDLE, PARENT[hook], ((PRIORITY[hook] << 16) | swapped) >>> 0);
  const attributes: NetlinkAttribute[] = [[TCA_KIND, 'bpf']];
  if (options) attributes.push([TCA_OPTIONS, options]);
  return { name, type, flags, body, attributes };
}

function tcmsg(index: number, handle: number, parent: number, info: number): Buffer {
  const body = Buffer.alloc(TCMSG);
  body.writeInt32LE(index, 4);
  body.writeUInt32LE(handle, 8);
  body.writeUInt32LE(parent, 12);
  body.writeUInt32LE(info, 16);
  return body;
}
