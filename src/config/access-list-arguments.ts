import { Ipv4Address } from '#base/ipv4-address.ts';
import type { AccessListEndpoint, PortRange } from './access-list.ts';
import { type Argument, type Expected, oneWord, type Reading, type Unreadable } from './argument.ts';
import { uniquePrefix } from './unique-prefix.ts';
import type { Word } from './words.ts';

/** By IANA number; `ip` is every protocol. */
const PROTOCOLS = {
  icmp: 1,
  igmp: 2,
  ipinip: 4,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ahp: 51,
  eigrp: 88,
  ospf: 89,
  pim: 103,
};
const PROTOCOL_NAMES = ['ip', ...Object.keys(PROTOCOLS)];
const PROTOCOL_LARGEST = 255;

export function protocol(help: string): Argument<'ip' | number> {
  return oneWord<'ip' | number>({
    label: `<0-${PROTOCOL_LARGEST}>`,
    help,
    choices: PROTOCOL_NAMES,
    free: `<0-${PROTOCOL_LARGEST}>`,
    parse: (text) => {
      const [name, other] = uniquePrefix(PROTOCOL_NAMES, text);
      if (name && !other) return { value: name === 'ip' ? name : PROTOCOLS[name as keyof typeof PROTOCOLS] };
      const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      return number <= PROTOCOL_LARGEST ? { value: number } : 'is not an IP protocol';
    },
    format: (value) => Object.entries(PROTOCOLS).find(([, number]) => number === value)?.[0] ?? String(value),
  });
}

const NO_BIT = new Ipv4Address(0);
const EVERY_BIT = new Ipv4Address(-1);

/** `any`, `host A.B.C.D`, or `A.B.C.D` and a wildcard. */
export function endpoint(help: string): Argument<AccessListEndpoint> {
  return {
    label: 'A.B.C.D',
    help,
    choices: ['any', 'host'],
    free: 'A.B.C.D',
    read([first, second]) {
      const [chosen, other] = uniquePrefix(['any', 'host'], first?.text ?? '');
      if (chosen === 'any' && !other) return { ok: true, value: { address: NO_BIT, wildcard: EVERY_BIT }, used: 1 };
      if (chosen === 'host' && !other) {
        return mapped(addressAt(second, 1, help), (address) => ({ address, wildcard: NO_BIT }));
      }
      const address = addressAt(first, 0, help);
      if (!address.ok) return address;
      return mapped(addressAt(second, 1, 'Wildcard: bits that do not matter'), (wildcard) => ({
        address: address.value,
        wildcard,
      }));
    },
    format({ address, wildcard }) {
      if (wildcard.equals(NO_BIT)) return `host ${address}`;
      return wildcard.equals(EVERY_BIT) && address.equals(NO_BIT) ? 'any' : `${address} ${wildcard}`;
    },
  };
}

/** As IOS names them. */
const PORTS: Readonly<Record<string, number>> = {
  ftp: 21,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  www: 80,
  ntp: 123,
  snmp: 161,
  bgp: 179,
  isakmp: 500,
};
const PORT_LARGEST = 65_535;
const OPERATORS = ['eq', 'gt', 'lt', 'neq', 'range'];

/** `eq N`, `gt N`, `lt N`, `neq N` or `range N M`. */
export function ports(help: string): Argument<PortRange> {
  return {
    label: 'PORTS',
    help,
    choices: OPERATORS,
    read([operator, first, second]) {
      const [chosen, other] = uniquePrefix(OPERATORS, operator?.text ?? '');
      if (!chosen || other) return { ok: false, problem: `is none of ${OPERATORS.join(', ')}` };
      const port = portAt(first, 1);
      if (!port.ok) return port;
      if (chosen !== 'range') return inRange(rangeOf(chosen, port.value), port.value);
      return mapped(portAt(second, 2), (high) => ({ low: port.value, high, except: false }), 3);
    },
    format({ low, high, except }) {
      if (except) return `neq ${low}`;
      if (low === high) return `eq ${low}`;
      if (low === 0 && high < PORT_LARGEST) return `lt ${high + 1}`;
      return low > 0 && high === PORT_LARGEST ? `gt ${low - 1}` : `range ${low} ${high}`;
    },
  };
}

function rangeOf(operator: string, port: number): PortRange {
  if (operator === 'gt') return { low: port + 1, high: PORT_LARGEST, except: false };
  if (operator === 'lt') return { low: 0, high: port - 1, except: false };
  return { low: port, high: port, except: operator === 'neq' };
}

function inRange(range: PortRange, port: number): Reading<PortRange> {
  if (range.low <= range.high) return { ok: true, value: range, used: 2 };
  return { ok: false, problem: `leaves no port: there is none ${port === 0 ? 'below' : 'above'} it`, at: 1 };
}

function addressAt(word: Word | undefined, at: number, help: string): Reading<Ipv4Address> {
  const expected: Expected[] = [{ word: 'A.B.C.D', help }];
  if (!word) return missing(expected);
  const value = Ipv4Address.parse(word.text);
  return value ? { ok: true, value, used: at + 1 } : { ok: false, problem: 'is not an IPv4 address', at };
}

function portAt(word: Word | undefined, at: number): Reading<number> {
  const expected: Expected[] = [{ word: `<0-${PORT_LARGEST}>`, help: 'Port' }];
  if (!word) return missing(expected);
  const value = PORTS[word.text.toLowerCase()] ?? (/^\d{1,5}$/.test(word.text) ? Number(word.text) : Number.NaN);
  if (value <= PORT_LARGEST) return { ok: true, value, used: at + 1 };
  return { ok: false, problem: 'is not a port', at, expected };
}

function missing(expected: readonly Expected[]): Unreadable {
  return { ok: false, problem: 'is not all', incomplete: true, expected };
}

function mapped<From, To>(reading: Reading<From>, to: (value: From) => To, used = 2): Reading<To> {
  return reading.ok ? { ok: true, value: to(reading.value), used } : reading;
}
