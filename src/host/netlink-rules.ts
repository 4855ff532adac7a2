/** Rules of policy routing, by rtnetlink. */
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { attributesOf, type Netlink, type NetlinkAttribute, type NetlinkRequest, NLM_F_CREATE } from './netlink.ts';
import { dumpOf, type IpAddress, type Removable, ROUTE_PROTOCOL, RTMSG, readAddress } from './netlink-values.ts';
import { IPPROTO_UDP } from './posix.ts';

const RTM_NEWRULE = 32;
const RTM_DELRULE = 33;
const RTM_GETRULE = 34;
const FRA_DST = 1;
const FRA_SRC = 2;
const FRA_IIFNAME = 3;
const FRA_GOTO = 4;
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FRA_SUPPRESS_PREFIXLEN = 14;
const FRA_TABLE = 15;
const FRA_PROTOCOL = 21;
const FRA_IP_PROTO = 22;
const FRA_DPORT_RANGE = 24;
const FR_ACT_TO_TBL = 1;
const FR_ACT_GOTO = 2;
const FR_ACT_NOP = 3;
const FR_ACT_BLACKHOLE = 6;
const FR_ACT_UNREACHABLE = 7;
const LOCAL_TABLE = 255;
const RTPROT_KERNEL = 2;

/** What comes in from an interface, or carries a mark, is routed by a table of its own; without a table it is unreachable, or lost without a word. */
export interface RuleSettings {
  readonly family: number;
  readonly inputInterface?: string | undefined;
  readonly mark?: number | undefined;
  /** One address. */
  readonly to?: IpAddress | undefined;
  readonly from?: Ipv4Prefix | Ipv6Prefix | undefined;
  /** UDP to this port. */
  readonly port?: number | undefined;
  readonly table?: number | undefined;
  readonly silent?: boolean;
  /** Routes of the table count only when their prefix is longer than this. */
  readonly suppressedLength?: number | undefined;
  /** In place of a table: the rules before that of this priority do not count. One that goes to itself does nothing, and is where others go. */
  readonly goto?: number | undefined;
  readonly priority: number;
}

export function addRule(rule: RuleSettings): NetlinkRequest {
  return ruleRequest('add', RTM_NEWRULE, NLM_F_CREATE, rule);
}

export function removeRule(rule: RuleSettings): NetlinkRequest {
  return ruleRequest('remove', RTM_DELRULE, 0, rule);
}

export interface OurRule extends RuleSettings, Removable {
  readonly kind: 'rule';
}

export function ourRules(netlink: Netlink, family: number): OurRule[] {
  const found: OurRule[] = [];
  netlink.dump(dumpOf('rules', RTM_GETRULE, RTMSG, family), (message) => {
    const attributes = attributesOf(message, RTMSG);
    if (attributes.get(FRA_PROTOCOL)?.[0] !== ROUTE_PROTOCOL) return;
    const interfaceName = attributes.get(FRA_IIFNAME);
    const to = attributes.get(FRA_DST);
    const from = attributes.get(FRA_SRC);
    const priority = attributes.get(FRA_PRIORITY)?.readUInt32LE(0) ?? 0;
    const rule = {
      family,
      inputInterface: interfaceName?.toString('utf8', 0, interfaceName.length - 1),
      mark: attributes.get(FRA_FWMARK)?.readUInt32LE(0),
      to: to && readAddress(to),
      from: from && prefixOf(readAddress(from), message[2] as number),
      port: attributes.get(FRA_DPORT_RANGE)?.readUInt16LE(0),
      silent: message[7] === FR_ACT_BLACKHOLE,
      table: (attributes.get(FRA_TABLE)?.readUInt32LE(0) ?? (message[4] as number)) || undefined,
      suppressedLength: suppressedLength(attributes.get(FRA_SUPPRESS_PREFIXLEN)),
      goto: message[7] === FR_ACT_NOP ? priority : attributes.get(FRA_GOTO)?.readUInt32LE(0),
      priority,
    };
    found.push({ kind: 'rule', ...rule, removal: () => removeRule(rule) });
  });
  return found;
}

/**
 * Has the rule of the host's own addresses at this priority, behind all rules that are before: 0 is where the kernel has it. There is one at any time. Where others
 * have put it behind `last`, as is done for VRFs, it is left there. Throws `NetlinkError`.
 */
export function moveLocalRule(netlink: Netlink, family: number, to: number, last: number): void {
  const all: number[] = [];
  netlink.dump(dumpOf('rules', RTM_GETRULE, RTMSG, family), (message) => {
    const attributes = attributesOf(message, RTMSG);
    const isLocal = attributes.get(FRA_TABLE)?.readUInt32LE(0) === LOCAL_TABLE && !attributes.has(FRA_IIFNAME);
    if (isLocal) all.push(attributes.get(FRA_PRIORITY)?.readUInt32LE(0) ?? 0);
  });
  const there = all.filter((priority) => priority <= last);
  if (there.length === 0 && all.length > 0) return;
  const at = (verb: string, priority: number) => ({
    name: `${verb} rule of local addresses`,
    ...localRule(family, priority),
  });
  if (!there.includes(to)) netlink.request({ ...at('add', to), type: RTM_NEWRULE, flags: NLM_F_CREATE });
  for (const priority of there)
    if (priority !== to) netlink.request({ ...at('remove', priority), type: RTM_DELRULE, flags: 0 });
}

/** As the kernel makes it. */
function localRule(family: number, priority: number): Pick<NetlinkRequest, 'body' | 'attributes'> {
  const body = Buffer.alloc(RTMSG);
  body[0] = family;
  body[4] = LOCAL_TABLE;
  body[7] = FR_ACT_TO_TBL;
  const attributes: NetlinkAttribute[] = [
    [FRA_PRIORITY, priority],
    [FRA_TABLE, LOCAL_TABLE],
    [FRA_PROTOCOL, Uint8Array.of(RTPROT_KERNEL)],
  ];
  return { body, attributes };
}

/** The kernel says -1 where nothing is suppressed. */
function suppressedLength(value: Buffer | undefined): number | undefined {
  const length = value?.readInt32LE(0) ?? -1;
  return length < 0 ? undefined : length;
}

function ruleRequest(verb: string, type: number, flags: number, rule: RuleSettings): NetlinkRequest {
  const body = Buffer.alloc(RTMSG);
  body[0] = rule.family;
  const { inputInterface, mark, to, from, port, table, suppressedLength, goto: target, priority } = rule;
  body[7] = actionOf(rule);
  const attributes: NetlinkAttribute[] = [
    [FRA_PRIORITY, priority],
    [FRA_PROTOCOL, Uint8Array.of(ROUTE_PROTOCOL)],
  ];
  if (inputInterface !== undefined) attributes.push([FRA_IIFNAME, inputInterface]);
  if (mark !== undefined) attributes.push([FRA_FWMARK, mark]);
  if (to) {
    const octets = to.toBytes();
    body[1] = octets.length * 8;
    attributes.push([FRA_DST, octets]);
  }
  if (from) {
    body[2] = from.length;
    attributes.push([FRA_SRC, from.network.address.toBytes()]);
  }
  if (target !== undefined && target !== priority) attributes.push([FRA_GOTO, target]);
  if (port !== undefined) {
    const range = Buffer.alloc(4);
    range.writeUInt16LE(port, 0);
    range.writeUInt16LE(port, 2);
    attributes.push([FRA_IP_PROTO, Uint8Array.of(IPPROTO_UDP)], [FRA_DPORT_RANGE, range]);
  }
  if (table !== undefined) attributes.push([FRA_TABLE, table]);
  if (suppressedLength !== undefined) attributes.push([FRA_SUPPRESS_PREFIXLEN, suppressedLength]);
  return { name: `${verb} rule for ${inputInterface ?? `mark ${mark}`}`, type, flags, body, attributes };
}

function prefixOf(address: IpAddress, length: number): Ipv4Prefix | Ipv6Prefix {
  return address instanceof Ipv4Address ? new Ipv4Prefix(address, length) : new Ipv6Prefix(address, length);
}

function actionOf({ table, silent, goto: target, priority }: RuleSettings): number {
  if (table !== undefined) return FR_ACT_TO_TBL;
  if (target !== undefined) return target === priority ? FR_ACT_NOP : FR_ACT_GOTO;
  return silent ? FR_ACT_BLACKHOLE : FR_ACT_UNREACHABLE;
}
