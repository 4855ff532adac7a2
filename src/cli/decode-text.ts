import { toHex } from '#base/bytes.ts';

/** Text of a peer made safe for a terminal: control characters as `\x1b`, `\u202e`. */
export function safeText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    if (character === '\\') return '\\\\';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Printable ASCII in quotes, anything else in hexadecimal. */
export function textOrHex(bytes: Uint8Array): string {
  const printable = bytes.length > 0 && bytes.every((octet) => octet >= 0x20 && octet < 0x7f);
  return printable ? `"${String.fromCharCode(...bytes)}"` : hexOrEmpty(bytes);
}

export function hexOrEmpty(bytes: Uint8Array): string {
  return bytes.length === 0 ? '(empty)' : toHex(bytes);
}

/** `homeNetworkPrefix` or `home-network-prefix` as `Home Network Prefix`. */
export function titleOf(name: string): string {
  return name
    .replace(/-/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
    .replace(/\bIpv(\d)\b/g, 'IPv$1')
    .replace(/\b(Mtu|Spi|Id|Mac|Dns|Dhcp|Lma|Mag|Att|Nat|Udp|Gre)\b/g, (word) => word.toUpperCase());
}

/** Milliseconds as `60 s`, `250 ms`, `infinite`. */
export function durationText(milliseconds: number): string {
  if (milliseconds === Number.POSITIVE_INFINITY) return 'infinite';
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${milliseconds} ms`;
}

/** Seconds since 1970 and a part of the next one, in UTC: `2026-01-02T03:04:05.000006789Z` without zeros at the end. */
export function instantText(seconds: number, nanoseconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} s since 1970`;
  const fraction = nanoseconds.toString().padStart(9, '0').replace(/000$/, '').replace(/000$/, '');
  return `${date.toISOString().slice(0, -5)}.${fraction}Z`;
}
