/** The sockets of this network namespace, as /proc/net tells of them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fromHex } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';

/** A socket that takes what comes to a port; of a raw one the port is the protocol. */
export interface OpenSocket {
  readonly address: IpAddress;
  readonly port: number;
  readonly inode: string;
}

const LISTEN = '0A';
const INODE = 9;

/** Of TCP only those that listen. */
export function openSockets(kind: 'tcp' | 'udp' | 'raw'): OpenSocket[] {
  return [...socketsIn(kind), ...socketsIn(`${kind}6`)].filter(({ state }) => kind !== 'tcp' || state === LISTEN);
}

/** The inodes of the sockets that a process and its children have open; empty when this process may not know. */
export function socketsOf(pid: number): Set<string> {
  const found = new Set<string>();
  for (const one of [pid, ...childrenOf(pid)]) {
    const directory = `/proc/${one}/fd`;
    for (const fd of entriesOf(directory)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkAt(`${directory}/${fd}`))?.[1];
      if (inode !== undefined) found.add(inode);
    }
  }
  return found;
}

function socketsIn(table: string): (OpenSocket & { readonly state: string })[] {
  const lines = textOf(`/proc/thread-self/net/${table}`).trim().split('\n').slice(1);
  return lines.map((line) => {
    const words = line.trim().split(/\s+/);
    const [, digits = '', port = ''] = /^([0-9A-F]+):([0-9A-F]+)$/.exec(words[1] ?? '') ?? [];
    const state = words[3] ?? '';
    return { address: addressOf(digits), port: Number.parseInt(port, 16), state, inode: words[INODE] ?? '' };
  });
}

/** Each 32-bit word of the address is printed as this machine, with its lowest octet first, reads it. */
function addressOf(digits: string): IpAddress {
  const swapped = (digits.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) as string[]).reverse().join(''));
  const octets = fromHex(swapped.join('')) ?? new Uint8Array(16);
  return octets.length === 4 ? Ipv4Address.read(octets) : Ipv6Address.read(octets);
}

function childrenOf(pid: number): number[] {
  return entriesOf(`/proc/${pid}/task`).flatMap((task) =>
    textOf(`/proc/${pid}/task/${task}/children`).trim().split(/\s+/).filter(Boolean).map(Number),
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a kernel without that family, or a process that has ended
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
