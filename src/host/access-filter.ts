/** A line of classic BPF: an instruction with its operand, and for a jump where to go; without a target the next line follows. */
type Line = readonly [code: number, operand: number, ifTrue?: Target | undefined, ifFalse?: Target];
type Target = 'pass' | 'drop' | 'ipv6' | 'dhcpv6';

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const LOAD_HALF_AFTER_HEADER = 0x48;
const LOAD_HEADER_LENGTH = 0xb1; // X = 4 × (octet & 15)
const AND = 0x54;
const IF_EQUAL = 0x15;
const IF_GREATER_OR_EQUAL = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;

const WHOLE_FRAME = 0xffff;
/** SKF_AD_OFF + SKF_AD_VLAN_TAG: what the kernel keeps beside the frame. */
const VLAN_TAG = 0xfffff02c;

const ETHERNET: readonly Line[] = [
  [LOAD_WORD, VLAN_TAG], // of a frame that had one, and is of another link; 0 without
  [AND, 0x0fff],
  [IF_EQUAL, 0, undefined, 'drop'],
  [LOAD_HALF, 12], // EtherType, or the length of an 802.3 frame, which is less than 0x600
  [IF_GREATER_OR_EQUAL, 0x0600, undefined, 'pass'],
  [IF_EQUAL, 0x0806, 'pass'],
  [IF_EQUAL, 0x86dd, 'ipv6'],
  [IF_EQUAL, 0x0800, undefined, 'drop'],
];
const DHCP_TO_SERVER: readonly Line[] = [
  [LOAD_BYTE, 23],
  [IF_EQUAL, 17, undefined, 'drop'],
  [LOAD_HALF, 20],
  [IF_ANY_BIT, 0x1fff, 'drop'], // a fragment that is not the first
  [LOAD_HEADER_LENGTH, 14],
  [LOAD_HALF_AFTER_HEADER, 16],
  [IF_EQUAL, 67, 'pass', 'drop'],
];
const SOLICITATIONS: readonly Line[] = [
  [LOAD_BYTE, 20],
  [IF_EQUAL, 17, 'dhcpv6'],
  [IF_EQUAL, 58, undefined, 'drop'],
  [LOAD_BYTE, 54],
  [IF_EQUAL, 133, 'pass'],
  [IF_EQUAL, 135, 'pass'],
  [IF_EQUAL, 136, 'pass', 'drop'],
];
const DHCPV6_TO_SERVER: readonly Line[] = [
  [LOAD_HALF, 56],
  [IF_EQUAL, 547, 'pass', 'drop'],
];

/**
 * struct sock_filter[] for where the data plane has no filter to give: passes what the access link's own protocols are made of (ARP,
 * 802.3 LLC frames, DHCP to the server, router and neighbor discovery of nodes) and keeps mobile nodes' traffic away from the daemon.
 * The first data packet of an unknown node comes from the data plane then.
 */
export function controlFramesFilter(): Buffer {
  const lines = [...ETHERNET, ...DHCP_TO_SERVER, ...SOLICITATIONS, ...DHCPV6_TO_SERVER];
  const targets = {
    ipv6: ETHERNET.length + DHCP_TO_SERVER.length,
    dhcpv6: lines.length - DHCPV6_TO_SERVER.length,
    pass: lines.length,
    drop: lines.length + 1,
  };
  const program: Line[] = [...lines, [RETURN, WHOLE_FRAME], [RETURN, 0]];
  const block = Buffer.from(new ArrayBuffer(program.length * 8));
  for (const [i, [code, operand, ifTrue, ifFalse]] of program.entries()) {
    block.writeUInt16LE(code, i * 8);
    block.writeUInt8(ifTrue ? targets[ifTrue] - i - 1 : 0, i * 8 + 2);
    block.writeUInt8(ifFalse ? targets[ifFalse] - i - 1 : 0, i * 8 + 3);
    block.writeUInt32LE(operand, i * 8 + 4);
  }
  return block;
}
