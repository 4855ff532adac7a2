import { fromHex, toHex } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { type Argument, oneWord } from '../argument.ts';
import { integer, ipv4Address, restOfLine } from '../arguments.ts';
import type { AnyCommand, Complaint } from '../command.ts';
import { several } from '../list-arguments.ts';
import type { DhcpOptionConfiguration, DhcpPoolConfiguration } from '../model.ts';
import { Rows } from '../rows.ts';

type Pool = DhcpPoolConfiguration<Ipv4Address>;
type Value = DhcpOptionConfiguration['value'];

/** Of one option. */
const OCTETS = 255;
const ADDRESSES = 8;
/** Subnet mask, router, MTU, broadcast address, what a lease is made of, rapid commit and the relay's: the gateway says them itself. */
const OWN: readonly number[] = [1, 3, 26, 28, ...range(50, 61), 80, 82];
const BY_COMMAND: ReadonlyMap<number, string> = new Map([
  [6, 'dns-server'],
  [15, 'domain-name'],
]);

const code = integer(1, 254, 'Code of the option, RFC 2132: 42 time servers, 119 domain search, 121 classless routes');
const rows = new Rows<Pool>();

/** `option`, in the three forms that IOS has. */
export const dhcpOptionCommands: AnyCommand[] = [
  rows.command({
    syntax: ['option', code, 'ascii', restOfLine('Text of the option')],
    help: 'Tell mobile nodes an option as text',
    keys: 1,
    refuse: (_, code, text) => refusal(code) ?? notText(text),
    set: (pool, code, text) => put(pool, code, { kind: 'ascii', text }),
    unset: (pool, code) => remove(pool, code),
    stored: (pool) => storedOf(pool, 'ascii', ({ text }) => text),
  }),
  rows.command({
    syntax: ['option', code, 'hex', hexOctets('Octets of the option, in hexadecimal')],
    help: 'Tell mobile nodes an option as octets',
    keys: 1,
    refuse: (_, code) => refusal(code),
    set: (pool, code, octets) => put(pool, code, { kind: 'hex', octets }),
    unset: (pool, code) => remove(pool, code),
    stored: (pool) => storedOf(pool, 'hex', ({ octets }) => octets),
  }),
  rows.command({
    syntax: ['option', code, 'ip', several(ipv4Address('Address'), ADDRESSES)],
    help: 'Tell mobile nodes an option of addresses',
    keys: 1,
    refuse: (_, code) => refusal(code),
    set: (pool, code, addresses) => put(pool, code, { kind: 'ip', addresses }),
    unset: (pool, code) => remove(pool, code),
    stored: (pool) => storedOf(pool, 'ip', ({ addresses }) => addresses),
  }),
];

/** An option of that code takes the place of one before. */
function put(pool: Pool, code: number, value: Value): void {
  const options = pool.options ?? [];
  const at = options.findIndex((option) => option.code === code);
  if (at < 0) options.push({ code, value });
  else options[at] = { code, value };
  pool.options = options;
}

function remove(pool: Pool, code: number | undefined): void {
  const left = pool.options?.filter((option) => option.code !== code) ?? [];
  if (left.length > 0) pool.options = left;
  else delete pool.options;
}

function storedOf<Kind extends Value['kind'], Written>(
  { options = [] }: Pool,
  kind: Kind,
  written: (value: Extract<Value, { kind: Kind }>) => Written,
): [number, Written][] {
  return options.flatMap(({ code, value }): [number, Written][] =>
    value.kind === kind ? [[code, written(value as Extract<Value, { kind: Kind }>)]] : [],
  );
}

function refusal(code: number): Complaint | undefined {
  const command = BY_COMMAND.get(code);
  if (command !== undefined) return { argument: 0, message: `is what "${command}" says` };
  return OWN.includes(code) ? { argument: 0, message: 'is one that the gateway says itself' } : undefined;
}

function notText(text: string): Complaint | undefined {
  if (!/^[ -~]+$/.test(text)) return { argument: 1, message: 'has characters other than those of ASCII' };
  return text.length > OCTETS ? { argument: 1, message: `is longer than ${OCTETS} characters` } : undefined;
}

/** With dots where one likes. */
function hexOctets(help: string): Argument<Uint8Array> {
  return oneWord({
    label: '<hex octets>',
    help,
    parse: (text) => {
      const octets = fromHex(text.replaceAll('.', ''));
      if (!octets || octets.length === 0) return 'is not octets in hexadecimal';
      return octets.length > OCTETS ? `is longer than ${OCTETS} octets` : { value: octets };
    },
    format: (octets) => toHex(octets),
  });
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
