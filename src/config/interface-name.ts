import type { Argument } from './argument.ts';
import { uniquePrefix } from './unique-prefix.ts';

const TYPES = [
  'GigabitEthernet',
  'TenGigabitEthernet',
  'TwentyFiveGigE',
  'FortyGigabitEthernet',
  'HundredGigE',
  'FastEthernet',
  'Ethernet',
  'Dot11Radio',
  'Cellular',
  'Dialer',
  'Serial',
  'Loopback',
  'Tunnel',
  'Port-channel',
  'Vlan',
  'BDI',
] as const;

const NUMBER = /^\d+(\/\d+)*(\.\d+)?$/;
const LINUX_NAME = /^[^\s/:]{1,15}$/;

/**
 * The name of an interface: an IOS type and number, with or without a blank between, the type abbreviated or not; or the name of a Linux
 * interface. The value has IOS's spelling without a blank.
 *
 * Chooses: `eth0`, `tun0` and `vlan7` in small letters and one word are Linux names, although IOS would take them for abbreviations.
 */
export const interfaceName: Argument<string> = {
  label: 'INTERFACE',
  help: 'Interface type and number, or the name of a Linux interface',
  read(words) {
    const [first = '', second] = words.map((word) => word.text);
    const split = /^([A-Za-z-]+|Dot11Radio)(\d[\d/.]*)$/i.exec(first);
    if (second !== undefined && NUMBER.test(second)) {
      const type = uniqueType(first);
      if (type) return { ok: true, value: type + second, used: 2 };
    }
    if (split && !/^(eth|tun|vlan)\d/.test(first) && NUMBER.test(split[2] as string)) {
      const type = uniqueType(split[1] as string);
      if (type) return { ok: true, value: type + split[2], used: 1 };
    }
    if (isWholeType(first)) return { ok: false, problem: 'needs an interface number' };
    return LINUX_NAME.test(first)
      ? { ok: true, value: first, used: 1 }
      : { ok: false, problem: 'is not the name of an interface' };
  },
  format: (value) => value,
};

/** The type that at least two letters stand for. */
function uniqueType(text: string): string | undefined {
  const types = text.length < 2 ? [] : uniquePrefix(TYPES, text);
  return types.length === 1 ? types[0] : undefined;
}

function isWholeType(text: string): boolean {
  return TYPES.some((type) => type.toLowerCase() === text.toLowerCase());
}
