import { Ipv4Address, ipv4MaskLength, ipv4Netmask } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { type Duration, inSeconds, milliseconds, seconds } from '#base/time.ts';
import { type Argument, oneWord } from './argument.ts';
import { uniquePrefix } from './unique-prefix.ts';

const NAME_LIMIT = 125;
const DOMAIN_NAME_LIMIT = 253;

/** A name that the operator chooses; case counts. */
export function name(help: string, limit = NAME_LIMIT): Argument<string> {
  return oneWord({
    label: 'WORD',
    help,
    parse: (text) => (text.length <= limit ? { value: text } : `is longer than ${limit} characters`),
    format: (value) => value,
  });
}

/** Octets; struct sockaddr_un has no room for more. */
const SOCKET_PATH_LIMIT = 107;
/** As Linux has it, PATH_MAX. */
const FILE_PATH_LIMIT = 4095;

/** Where a Unix socket is in the file system. */
export function socketPath(help: string): Argument<string> {
  return path(help, SOCKET_PATH_LIMIT);
}

/** Where a file is. */
export function filePath(help: string): Argument<string> {
  return path(help, FILE_PATH_LIMIT);
}

function path(help: string, limit: number): Argument<string> {
  return oneWord({
    label: 'PATH',
    help,
    parse: (text) => {
      if (!text.startsWith('/')) return 'is not an absolute path';
      if (text.length > limit) return `is longer than ${limit} characters`;
      return /^[!-~]+$/.test(text) ? { value: text } : 'has characters other than those of ASCII';
    },
    format: (value) => value,
  });
}

/** Labels of letters, digits, hyphens and underscores, separated by dots. */
export function domainName(help: string): Argument<string> {
  return oneWord({
    label: 'WORD',
    help,
    parse: (text) =>
      text.length <= DOMAIN_NAME_LIMIT && /^([\w-]{1,63}\.)*[\w-]{1,63}$/.test(text)
        ? { value: text }
        : 'is not a domain name',
    format: (value) => value,
  });
}

/** A keyword that may be left out. */
export function keyword(word: string, help: string): Argument<true> {
  return oneWord({
    label: word,
    help,
    choices: [word],
    parse: (text) => (word.startsWith(text.toLowerCase()) ? { value: true } : `is not ${word}`),
    format: () => word,
  });
}

/** The rest of the line. */
export function restOfLine(help: string): Argument<string> {
  return {
    label: 'LINE',
    help,
    read: (words, line) => ({ ok: true, value: line.slice(words[0]?.start).trimEnd(), used: words.length }),
    format: (value) => value,
  };
}

export function integer(minimum: number, maximum: number, help: string): Argument<number> {
  return oneWord({
    label: `<${minimum}-${maximum}>`,
    help,
    parse: (text) => inRange(text, minimum, maximum),
    format: String,
  });
}

/** A number of seconds. */
export function secondsBetween(minimum: number, maximum: number, help = 'Seconds'): Argument<Duration> {
  return duration(minimum, maximum, help, seconds, inSeconds);
}

/** A number of minutes. */
export function minutesBetween(minimum: number, maximum: number, help = 'Minutes'): Argument<Duration> {
  const inMinutes = (value: Duration) => inSeconds(value) / 60;
  return duration(minimum, maximum, help, (count) => seconds(60 * count), inMinutes);
}

/** A number of milliseconds. */
export function millisecondsBetween(minimum: number, maximum: number, help = 'Milliseconds'): Argument<Duration> {
  return duration(minimum, maximum, help, milliseconds, Number);
}

/** A 32-bit number in hexadecimal without `0x`. */
export function hexadecimal(help: string): Argument<number> {
  return oneWord({
    label: '<hex>',
    help,
    parse: (text) =>
      /^[0-9a-fA-F]{1,8}$/.test(text) ? { value: Number.parseInt(text, 16) } : 'is not a hexadecimal number of 32 bits',
    format: (value) => value.toString(16).toUpperCase(),
  });
}

/** One of a few words; case does not count, and a unique beginning is enough. */
export function choice<const Word extends string>(choices: readonly Word[], help: string): Argument<Word> {
  return oneWord({
    label: choices.join(' | '),
    help,
    choices,
    parse: (text) => {
      const found = uniquePrefix(choices, text);
      if (found.length === 1) return { value: found[0] as Word };
      return found.length === 0 ? 'is none of these' : `is ambiguous: ${found.join(', ')}`;
    },
    format: (value) => value,
  });
}

export function ipv4Address(help: string): Argument<Ipv4Address> {
  return oneWord({
    label: 'A.B.C.D',
    help,
    parse: (text) => found(Ipv4Address.parse(text), 'is not an IPv4 address'),
    format: String,
  });
}

export function ipv6Address(help: string): Argument<Ipv6Address> {
  return oneWord({
    label: 'X:X:X:X::X',
    help,
    parse: (text) => found(Ipv6Address.parse(text), 'is not an IPv6 address'),
    format: String,
  });
}

export function ipAddress(help: string): Argument<Ipv4Address | Ipv6Address> {
  return oneWord<Ipv4Address | Ipv6Address>({
    label: 'A.B.C.D or X:X:X:X::X',
    help,
    parse: (text) => found(Ipv4Address.parse(text) ?? Ipv6Address.parse(text), 'is not an IP address'),
    format: String,
  });
}

export function ipv6Prefix(help: string): Argument<Ipv6Prefix> {
  return oneWord({
    label: 'X:X:X:X::X/<0-128>',
    help,
    parse: (text) => found(Ipv6Prefix.parse(text), 'is not an IPv6 address with a prefix length'),
    format: String,
  });
}

/** A netmask; its value is the prefix length. */
export function netmask(help: string): Argument<number> {
  return oneWord({
    label: 'A.B.C.D',
    help,
    parse: (text) => {
      const mask = Ipv4Address.parse(text);
      return found(mask && ipv4MaskLength(mask), 'is not a netmask');
    },
    format: (length) => ipv4Netmask(length).toString(),
  });
}

export function macAddress(help: string): Argument<MacAddress> {
  return oneWord({
    label: 'H.H.H',
    help,
    parse: (text) => found(MacAddress.parse(text), 'is not a hardware address'),
    format: (value) => value.toCiscoString(),
  });
}

function duration(
  minimum: number,
  maximum: number,
  help: string,
  toDuration: (count: number) => Duration,
  toCount: (duration: Duration) => number,
): Argument<Duration> {
  return oneWord({
    label: `<${minimum}-${maximum}>`,
    help,
    parse: (text) => {
      const count = inRange(text, minimum, maximum);
      return typeof count === 'string' ? count : { value: toDuration(count.value) };
    },
    format: (value) => String(toCount(value)),
  });
}

function inRange(text: string, minimum: number, maximum: number): { value: number } | string {
  if (!/^\d+$/.test(text)) return 'is not a number';
  const value = Number(text);
  return value >= minimum && value <= maximum ? { value } : `is not in the range ${minimum} to ${maximum}`;
}

function found<Value>(value: Value | undefined, problem: string): { value: Value } | string {
  return value === undefined ? problem : { value };
}
