import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { err, ok, type Result } from '#base/result.ts';
import { type Duration, seconds } from '#base/time.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { ciscoPairList, DICTIONARY } from './attributes.ts';

/** What the AAA server says of a domain; what it leaves out is not there. */
export interface AaaDomain {
  readonly lmas: readonly AaaDomainNode[];
  readonly mags: readonly AaaDomainNode[];
  readonly timestampCheck?: boolean;
  readonly timestampWindow?: Duration;
  readonly authentication?: {
    readonly spi: number;
    readonly format: 'ascii' | 'hex';
    readonly key: string;
  };
  /** RFC 2865 §5.27 "Session-Timeout": how long the answer may be relied on before it is asked for again. */
  readonly reloadAfter?: Duration;
}

export interface AaaDomainNode {
  readonly name: string;
  readonly ipv4?: Ipv4Address;
  readonly ipv6?: Ipv6Address;
}

/** LMAs and MAGs of a domain, each: a packet of 4,096 octets holds no more. */
const NODES_MAXIMUM = 256;

/**
 * The settings of the domain `name` in an Access-Accept. The error is why they cannot be used, for people.
 * Chooses: addresses belong to the `lma-identifier` or `mag-identifier` before them; those of an LMA are named as in a mobile node's profile, as IOS's list has no name of
 * its own for them. A value that cannot be read refuses the answer as a whole, rather than run half a domain.
 */
export function readDomain(attributes: readonly RadiusAttribute[], name: string): Result<AaaDomain, string> {
  const reader = new DomainReader(name);
  const pairs = ciscoPairList(attributes).filter(([pair]) => Object.hasOwn(PAIRS, pair));
  // Whoever accepts everybody has not been asked to describe a domain.
  if (pairs.length === 0) return err('the answer has no attribute of a domain');
  for (const [pair, value] of pairs) {
    const fault = PAIRS[pair]?.(reader, value);
    if (fault !== undefined) return err(fault === UNREADABLE ? `${pair} cannot be read` : fault);
  }
  const timeout = DICTIONARY.find({ attributes }, 'Session-Timeout');
  return reader.finish(typeof timeout === 'number' && timeout > 0 ? seconds(timeout) : undefined);
}

interface MutableNode {
  name: string;
  ipv4?: Ipv4Address;
  ipv6?: Ipv6Address;
}

class DomainReader {
  readonly name: string;
  readonly lmas: MutableNode[] = [];
  readonly mags: MutableNode[] = [];
  timestampCheck: boolean | undefined;
  timestampWindow: Duration | undefined;
  spi: number | undefined;
  key: Omit<NonNullable<AaaDomain['authentication']>, 'spi'> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  finish(reloadAfter: Duration | undefined): Result<AaaDomain, string> {
    const { lmas, mags, timestampCheck, timestampWindow, spi, key } = this;
    if ((spi === undefined) !== (key === undefined)) return err('pmip6-spi-key and pmip6-spi-value belong together');
    if (lmas.length > NODES_MAXIMUM || mags.length > NODES_MAXIMUM) return err('too many LMAs or MAGs');
    return ok({
      lmas,
      mags,
      ...(timestampCheck !== undefined && { timestampCheck }),
      ...(timestampWindow !== undefined && { timestampWindow }),
      ...(spi !== undefined && key && { authentication: { spi, ...key } }),
      ...(reloadAfter !== undefined && { reloadAfter }),
    });
  }
}

const UNREADABLE = Symbol('unreadable');
type Fault = string | typeof UNREADABLE | undefined;

/** Keys are not in the text of faults, so that no log has them. */
const PAIRS: Readonly<Record<string, (reader: DomainReader, value: string) => Fault>> = {
  'cisco-mpc-protocol-interface': (_, value) =>
    value.toLowerCase() === 'pmipv6' ? undefined : `cisco-mpc-protocol-interface is ${value}, not pmipv6`,
  'pmip6-domain-identifier': ({ name }, value) =>
    value === name ? undefined : `pmip6-domain-identifier is ${value}, not ${name}`,
  'lma-identifier': ({ lmas }, value) => begin(lmas, value),
  'mag-identifier': ({ mags }, value) => begin(mags, value),
  'home-lma-ipv4-address': ({ lmas }, value) => ipv4Of(lmas, value),
  'home-lma-ipv6-address': ({ lmas }, value) => ipv6Of(lmas, value),
  'mag-v4-address': ({ mags }, value) => ipv4Of(mags, value),
  'mag-v6-address': ({ mags }, value) => ipv6Of(mags, value),
  'pmip6-replay-protection': (reader, value) => {
    const on = /^(timestamp|true|yes|on|1|enabled?)$/i.test(value);
    if (!on && !/^(none|false|no|off|0|disabled?)$/i.test(value)) return UNREADABLE;
    reader.timestampCheck = on;
    return undefined;
  },
  'pmip6-timestamp-window': (reader, value) => {
    const window = Number(value);
    if (!/^\d{1,3}$/.test(value) || window < 1 || window > 255) return UNREADABLE;
    reader.timestampWindow = seconds(window);
    return undefined;
  },
  // As `auth-option spi` reads them.
  'pmip6-spi-value': (reader, value) => {
    const digits = /^(?:0x)?([0-9a-f]{1,8})$/i.exec(value)?.[1];
    if (digits === undefined || /^0+$/.test(digits)) return UNREADABLE;
    reader.spi = Number.parseInt(digits, 16);
    return undefined;
  },
  'pmip6-spi-key': (reader, value) => {
    const [, word = '', rest = ''] = /^(?:(ascii|hex)\s+)?(\S+)$/i.exec(value) ?? [];
    const format = word.toLowerCase() === 'hex' ? 'hex' : 'ascii';
    if (rest === '' || (format === 'hex' && !/^[0-9a-f]+$/i.test(rest))) return UNREADABLE;
    reader.key = { format, key: rest };
    return undefined;
  },
};

function begin(nodes: MutableNode[], name: string): Fault {
  if (!/^\S+$/.test(name)) return UNREADABLE;
  const known = nodes.findIndex((node) => node.name === name);
  // What follows is of the last of the list.
  nodes.push(...(known < 0 ? [{ name }] : nodes.splice(known, 1)));
  return undefined;
}

function ipv4Of(nodes: readonly MutableNode[], value: string): Fault {
  const address = Ipv4Address.parse(value);
  const node = nodes.at(-1);
  if (!address) return UNREADABLE;
  if (!node) return `the address ${value} is of no lma-identifier or mag-identifier before it`;
  node.ipv4 = address;
  return undefined;
}

function ipv6Of(nodes: readonly MutableNode[], value: string): Fault {
  const address = Ipv6Address.parse(value);
  const node = nodes.at(-1);
  if (!address) return UNREADABLE;
  if (!node) return `the address ${value} is of no lma-identifier or mag-identifier before it`;
  node.ipv6 = address;
  return undefined;
}
