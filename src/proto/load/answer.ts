import { readI32, readU16 } from '#base/bytes.ts';
import { type BindingAcknowledgement, findOption, findOptions, MOBILITY_OPTIONS } from '#wire/mobility/index.ts';
import { Granted } from './granted.ts';
import { nodeNumber } from './messages.ts';
import { optionType } from './option-type.ts';

const NO_NEXT_HEADER = 59;
const BINDING_ACKNOWLEDGEMENT = 6;
const OPTIONS_AT = 12;
const PAD_1 = 0;
const PAD_N = 1;
const ADDRESS_BITS = { ipv4: 32, ipv6: 128 };
const IDENTIFIER = optionType('mobile-node-identifier');
const PREFIX = optionType('home-network-prefix');
const HOME_ADDRESS = optionType('ipv4-home-address-reply');

/** Kinds of which nothing can be wrong but their length, and the length of a prefix in two. An answer has others seldom. */
const EXPECTED = [
  'mobile-node-identifier',
  'home-network-prefix',
  'handoff-indicator',
  'access-technology-type',
  'mobile-node-link-layer-identifier',
  'link-local-address',
  'timestamp',
  'gre-key',
  'ipv4-home-address-reply',
  'ipv4-default-router',
  'ipv4-dhcp-support-mode',
  'binding-refresh-advice',
  'vendor-specific',
  'authentication',
] as const;
const LENGTHS = 256;
/** For each type and length of data, whether such an option is one of those, or one that nobody knows, and can be read without the decoder. */
const isReadable = new Uint8Array(256 * LENGTHS);
const known = new Set<number>(MOBILITY_OPTIONS.map(({ type }) => type));
for (let type = PAD_N; type < 256; type++)
  if (!known.has(type)) isReadable.fill(1, type * LENGTHS, (type + 1) * LENGTHS);
for (const { kind, type, length } of MOBILITY_OPTIONS)
  if ((EXPECTED as readonly string[]).includes(kind))
    for (let octets = length.minimum; octets <= length.maximum; octets++)
      if (length.only?.includes(octets) ?? true) isReadable[type * LENGTHS + octets] = 1;

/** What an acknowledgement says that matters here; it is filled again and again. */
export class Answer {
  status = 0;
  sequence = 0;
  /** There is a registration from now on, or still. */
  isRegistered = false;
  /** -1: of none of ours. */
  node = -1;
  readonly granted = new Granted();

  /**
   * Reads a well-formed acknowledgement as most are, from its octets alone. Returns whether it is one: of what is wrong, rare, or something else the decoder makes what there is to be made,
   * and the answer is undefined.
   */
  read(octets: Uint8Array): boolean {
    const end = ((octets[1] as number) + 1) * 8;
    if (!(end <= octets.length) || end < OPTIONS_AT) return false;
    if (octets[0] !== NO_NEXT_HEADER || octets[2] !== BINDING_ACKNOWLEDGEMENT) return false;
    this.#begin(octets[6] as number, readU16(octets, 8), readU16(octets, 10) > 0);
    let isIdentified = false;
    for (let at = OPTIONS_AT; at < end; ) {
      const type = octets[at] as number;
      if (type === PAD_1) {
        at++;
        continue;
      }
      const data = at + 2;
      if (data > end) return false;
      const length = octets[at + 1] as number;
      at = data + length;
      if (at > end || isReadable[type * LENGTHS + length] === 0) return false;
      if (type === IDENTIFIER) {
        if (isIdentified) return false;
        isIdentified = true;
        this.node = nodeNumber(octets, data + 1, at);
      } else if (type === PREFIX) {
        if (!this.#readPrefix(octets, data)) return false;
      } else if (type === HOME_ADDRESS && !this.#readHome(octets, data)) return false;
    }
    return true;
  }

  /** The same of a decoded one. */
  set({ status, sequence, lifetime, options }: BindingAcknowledgement): void {
    this.#begin(status, sequence, lifetime > 0);
    const identifier = findOption(options, 'mobile-node-identifier')?.identifier;
    if (identifier) this.node = nodeNumber(identifier, 0, identifier.length);
    const home = findOption(options, 'ipv4-home-address-reply');
    if (home) this.granted.setHome(home.address.word, home.prefixLength);
    for (const { prefix } of findOptions(options, 'home-network-prefix')) this.granted.addPrefix(prefix);
  }

  #begin(status: number, sequence: number, isRegistered: boolean): void {
    this.status = status;
    this.sequence = sequence;
    this.isRegistered = isRegistered;
    this.node = -1;
    this.granted.clear();
  }

  #readPrefix(octets: Uint8Array, data: number): boolean {
    const length = octets[data + 1] as number;
    if (length > ADDRESS_BITS.ipv6) return false;
    this.granted.addWords(
      readI32(octets, data + 2),
      readI32(octets, data + 6),
      readI32(octets, data + 10),
      readI32(octets, data + 14),
      length,
    );
    return true;
  }

  /** The first of several counts, which is left to the decoder. */
  #readHome(octets: Uint8Array, data: number): boolean {
    const length = (octets[data + 1] as number) >>> 2;
    if (length > ADDRESS_BITS.ipv4 || this.granted.hasHome) return false;
    this.granted.setHome(readI32(octets, data + 2), length);
    return true;
  }
}
