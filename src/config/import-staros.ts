import { Ipv4Address, Ipv4Prefix, ipv4MaskLength } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { parseConfiguration } from './parse.ts';
import { printConfiguration } from './print.ts';
import { splitWords } from './words.ts';

/** The configuration of a StarOS gateway as an LMA of ours, as far as it can be carried over. */
export interface StarosImport {
  /** As `show running-config` would print it. */
  readonly text: string;
  /** Lines that have no counterpart, with the reason. */
  readonly left: readonly { readonly line: number; readonly text: string; readonly reason: string }[];
}

interface Pool {
  readonly name: string;
  readonly prefixLength: number;
  readonly gateway?: Ipv4Address;
}

interface Apn {
  readonly name: string;
  ipv4?: string;
  ipv6?: string;
}

interface Found {
  readonly global: string[];
  readonly ipv4: Pool[];
  readonly ipv6: Pool[];
  readonly apns: Apn[];
  readonly services: { readonly name: string; readonly lines: string[]; address?: string }[];
}

/** Length of the prefix that StarOS gives a mobile node. */
const ASSIGNED_LENGTH = 64;
/** Kinds of blocks, each ended by `exit`, by the next block's first line or by the end. */
const BLOCKS = ['interface', 'apn', 'lma-service', 'pgw-service', 'port'] as const;
type Block = (typeof BLOCKS)[number];

/** Why a line is left; `undefined` when it was carried over. */
type Reader = (words: readonly string[], found: Found) => string | undefined;

const NOT_OURS = 'has no counterpart';
/** Protection against replay is not given up unasked. */
const UNPROTECTED =
  'the default window holds; write "no replay-protection timestamp" where timestamps are not to be checked';

/** Never throws. `domain`: StarOS has no name for it. */
export function importStaros(text: string, domain: string): StarosImport {
  const found: Found = { global: [], ipv4: [], ipv6: [], apns: [], services: [] };
  const left: { line: number; text: string; reason: string }[] = [];
  let block: Block | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = splitWords(line).map((word) => word.text);
    const [first] = words;
    if (first === undefined || first.startsWith('!') || first === '#' || first === 'end') continue;
    if (first === 'exit') block = undefined;
    else {
      const opened = line.startsWith(' ') ? undefined : BLOCKS.find((one) => one === first && words[1] !== undefined);
      if (!line.startsWith(' ')) block = opened;
      const reason = (opened ? OPENERS[opened] : block ? INSIDE[block] : outside)(words, found);
      if (reason !== undefined) left.push({ line: index + 1, text: line.trim(), reason });
    }
  }
  const { configuration } = parseConfiguration(configurationLines(found, domain).join('\n'));
  return { text: printConfiguration(configuration), left };
}

const outside: Reader = (words, found) => {
  const [first, second] = words;
  if (first === 'ip' && second === 'pool') return readIpv4Pool(words, found);
  if (first === 'ipv6' && second === 'pool') return readIpv6Pool(words, found);
  if (first === 'ip' || first === 'ipv6') return 'routes are those of this host: "ip route add …"';
  return first === 'context' ? 'one node of ours is one context' : NOT_OURS;
};

const OPENERS: Readonly<Record<Block, Reader>> = {
  interface: ([, name], { global }) => void global.push(`interface ${name}`),
  apn: ([, name = ''], { apns }) => void apns.push({ name }),
  'lma-service': ([, name = ''], { services }) => void services.push({ name, lines: [] }),
  'pgw-service': () => 'there is no packet gateway',
  port: () => 'ports are interfaces of this host; say which with "linux-interface" under "interface"',
};

const INSIDE: Readonly<Record<Block, Reader>> = {
  interface: ([first, second, address, mask], { global }) => {
    if (second !== 'address' || address === undefined) return NOT_OURS;
    global.push(first === 'ipv6' ? `ipv6 address ${address}` : `ip address ${address} ${mask ?? ''}`);
    return undefined;
  },
  apn: (words, { apns }) => {
    const apn = apns.at(-1) as Apn;
    const line = words.join(' ');
    const ipv4 = /^ip address pool name (\S+)/.exec(line)?.[1];
    const ipv6 = /^ipv6 address prefix-pool (\S+)/.exec(line)?.[1];
    if (ipv4) apn.ipv4 = ipv4;
    else if (ipv6) apn.ipv6 = ipv6;
    else if (words[0] === 'dns') return 'name servers are told to mobile nodes by the MAG: "ip dhcp pool"';
    else return NOT_OURS;
    return undefined;
  },
  'lma-service': (words, { services }) => {
    const service = services.at(-1) as Found['services'][number];
    const line = words.join(' ');
    const [, address] = /^bind address (\S+)/.exec(line) ?? [];
    if (address) {
      service.address = address;
      service.lines.push(`address ${address.includes(':') ? 'ipv6' : 'ipv4'} ${address}`);
      return undefined;
    }
    const [, rule] = SERVICE_LINES.find(([pattern]) => pattern.test(line)) ?? [];
    if (!rule) return words[0] === 'timestamp-replay-protection' ? UNPROTECTED : NOT_OURS;
    service.lines.push(...rule(words.at(-1) ?? ''));
    return undefined;
  },
  'pgw-service': () => 'there is no packet gateway',
  port: () => NOT_OURS,
};

/** Lines of an `lma-service`, and what they are here; nothing where it is so without a command. */
const SERVICE_LINES: readonly (readonly [RegExp, (value: string) => readonly string[]])[] = [
  [/^no aaa accounting$/, () => []],
  [/^aaa accounting$/, () => ['enable aaa accounting']],
  [/^reg-lifetime \d+$/, (value) => [`bce lifetime ${value}`]],
  [
    /^timestamp-replay-protection tolerance [1-9]\d*$/,
    (value) => [`replay-protection timestamp window ${Math.min(255, Number(value))}`],
  ],
  [/^mobility-option-type-value standard$/, () => []],
  [/^revocation enable$/, () => []],
  [/^revocation max-retransmission \d+$/, (value) => [`bri retries ${value}`]],
];

function readIpv4Pool(words: readonly string[], { ipv4, global }: Found): string | undefined {
  const [, , name = '', first = '', second = ''] = words;
  const network = Ipv4Address.parse(first);
  const mask = Ipv4Address.parse(second);
  const length = mask && ipv4MaskLength(mask);
  if (!network || length === undefined || length > 30) return 'only a pool of a network and its mask is understood';
  const prefix = new Ipv4Prefix(network, length).network.address;
  const last = prefix.plus(2 ** (32 - length) - 2);
  const gateway = Ipv4Address.parse(words[words.indexOf('subscriber-gw-address') + 1] ?? '');
  global.push(`ip local pool ${name} ${prefix.plus(1)} ${gateway?.equals(last) ? last.plus(-1) : last}`);
  ipv4.push({ name, prefixLength: length, ...(gateway && { gateway }) });
  return undefined;
}

function readIpv6Pool([, , name = '', , text = '']: readonly string[], { ipv6, global }: Found): string | undefined {
  const prefix = Ipv6Prefix.parse(text);
  if (!prefix) return 'only a pool of a prefix is understood';
  global.push(`ipv6 local pool ${name} ${prefix} ${ASSIGNED_LENGTH}`);
  ipv6.push({ name, prefixLength: prefix.length });
  return undefined;
}

/** An access point name becomes a network with its pools, and the profile of the mobile nodes that have none; the first one's is the default. */
function configurationLines({ global, ipv4, ipv6, apns, services }: Found, domain: string): string[] {
  const profiles = apns.flatMap(({ name, ipv4: four, ipv6: six }) => [
    ` nai ${name}`,
    `  apn ${name}`,
    `  service ${four && six ? 'dual' : four ? 'ipv4' : 'ipv6'}`,
    `  network ${name}`,
  ]);
  const networks = apns.flatMap((apn) => {
    const four = ipv4.find(({ name }) => name === apn.ipv4);
    const six = ipv6.find(({ name }) => name === apn.ipv6);
    return [
      ` network ${apn.name}`,
      ...(four ? [`  pool ipv4 ${four.name} pfxlen ${four.prefixLength}`] : []),
      ...(six ? [`  pool ipv6 ${six.name} pfxlen ${six.prefixLength}`] : []),
      ...(four?.gateway ? [`  default-router ${four.gateway}`] : []),
    ];
  });
  return [
    'ipv6 unicast-routing',
    ...global,
    '!',
    `ipv6 mobile pmipv6-domain ${domain}`,
    ...services.flatMap(({ name, address }) => [
      ` lma ${name}`,
      ...(address ? [`  ${address.includes(':') ? 'ipv6' : 'ipv4'}-address ${address}`] : []),
    ]),
    ...profiles,
    ...services.flatMap(({ name, lines }) => [
      '!',
      `ipv6 mobile pmipv6-lma ${name} domain ${domain}`,
      ...lines.map((line) => ` ${line}`),
      ' dynamic mag learning',
      ...(apns[0] ? [` default profile ${apns[0].name}`] : []),
      ...networks,
    ]),
  ];
}
