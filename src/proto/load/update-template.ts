import { writeU16, writeU32 } from '#base/bytes.ts';
import type { UtcTime } from '#base/time.ts';
import { timestampFromUtc } from '#wire/mobility/index.ts';
import { writeU48 } from '#wire/octets.ts';
import type { Granted } from './granted.ts';
import { NAME_PREFIX_LENGTH } from './messages.ts';
import { optionType } from './option-type.ts';

const SEQUENCE_AT = 6;
const OPTIONS_AT = 12;
const PAD_1 = 0;
const DIGIT_ZERO = 0x30;

const IDENTIFIER = optionType('mobile-node-identifier');
const PREFIX = optionType('home-network-prefix');
const TIMESTAMP = optionType('timestamp');
const LINK_LAYER_IDENTIFIER = optionType('mobile-node-link-layer-identifier');
const HOME_ADDRESS = optionType('ipv4-home-address-request');

/**
 * A Proxy Binding Update that the encoder made, in which some octets become those of another mobile node, number, time and addresses: the message of any mobile node whose number has as many
 * digits, and which names as many addresses.
 */
export class UpdateTemplate {
  /** Its checksum field is zero. */
  readonly octets: Uint8Array;
  /** Where the values begin; -1 for an option that it does not have. */
  #numberAt = -1;
  #numberEnd = -1;
  #linkLayerAt = -1;
  #timestampAt = -1;
  #homeAt = -1;
  readonly #prefixesAt: number[] = [];

  /** `digits`: of the number in the name. */
  constructor(octets: Uint8Array, digits: number) {
    this.octets = octets;
    for (let at = OPTIONS_AT; at < octets.length; ) {
      const type = octets[at];
      if (type === IDENTIFIER) {
        this.#numberAt = at + 3 + NAME_PREFIX_LENGTH;
        this.#numberEnd = this.#numberAt + digits;
      } else if (type === PREFIX) this.#prefixesAt.push(at + 3);
      else if (type === TIMESTAMP) this.#timestampAt = at + 2;
      else if (type === LINK_LAYER_IDENTIFIER) this.#linkLayerAt = at + 4;
      else if (type === HOME_ADDRESS) this.#homeAt = at + 2;
      at += type === PAD_1 ? 1 : 2 + (octets[at + 1] as number);
    }
  }

  /** `granted`: the addresses that are asked for; without it those that the message had at first are. Authentication is left as it was. */
  write(node: number, sequence: number, utc: UtcTime, granted: Granted | undefined): void {
    const { octets } = this;
    writeU16(octets, SEQUENCE_AT, sequence);
    for (let at = this.#numberEnd - 1, rest = node; at >= this.#numberAt; at--) {
      const tenth = Math.floor(rest / 10);
      octets[at] = DIGIT_ZERO + rest - tenth * 10;
      rest = tenth;
    }
    // Its first two octets are the same for all.
    writeU32(octets, this.#linkLayerAt + 2, node);
    if (this.#timestampAt >= 0) this.#writeTimestamp(utc);
    if (granted) this.#writeAddresses(granted);
  }

  #writeTimestamp(utc: UtcTime): void {
    const { seconds, fraction } = timestampFromUtc(utc);
    writeU48(this.octets, this.#timestampAt, seconds);
    writeU16(this.octets, this.#timestampAt + 6, fraction);
  }

  #writeAddresses(granted: Granted): void {
    const { octets } = this;
    const { words } = granted;
    for (let i = 0; i < this.#prefixesAt.length; i++) {
      const at = this.#prefixesAt[i] as number;
      const from = granted.prefixAt(i);
      octets[at] = words[from + 4] as number;
      for (let word = 0; word < 4; word++) writeU32(octets, at + 1 + 4 * word, words[from + word] as number);
    }
    if (this.#homeAt < 0) return;
    octets[this.#homeAt] = granted.hasHome ? granted.homeLength << 2 : 0;
    writeU32(octets, this.#homeAt + 2, granted.hasHome ? granted.homeWord : 0);
  }
}
