import { characters } from '#base/characters.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { NumberedIds } from '#base/numbered-ids.ts';
import { doubleAt, octetAt, RecordHeap, sameBlock, wordAt } from '#base/record-heap.ts';
import { type Instant, milliseconds, type UtcTime } from '#base/time.ts';
import type { WireTimestamp } from '../wire-timestamp.ts';
import { FIXED_LINK_LOCAL_ADDRESS } from './acknowledgement.ts';
import type { Authorization } from './authorization.ts';
import type { Binding, Tenure } from './binding.ts';
import { Double, Flag, STATES, WORDS_OF_PREFIX, Word } from './packed-layout.ts';
import { encodePacked } from './packed-record.ts';
import type { BindingRecord } from './record.ts';
import { encodeBindingRecord } from './record-codec.ts';
import { SharedValues } from './shared-values.ts';

/** Bindings as octets, by handle. */
export class PackedBindings {
  readonly #heap = new RecordHeap();
  readonly #ids: NumberedIds;
  readonly #careOf = new SharedValues<Binding['careOfAddresses']>();
  readonly #services = new SharedValues<string>();
  /** Few have one: those of AAA servers. */
  readonly #authorizations = new Map<number, Authorization>();

  constructor(ids: NumberedIds) {
    this.#ids = ids;
  }

  /** `number`: of its id. */
  add(binding: Binding, number: number): number {
    const handle = this.#heap.take(octetsFor(binding));
    this.#write(handle, binding);
    this.#setDouble(handle, Double.ID, number);
    return handle;
  }

  /** Whether another value of a binding has room in its place. */
  fits(handle: number, binding: Binding): boolean {
    return sameBlock(this.#octetsAt(handle), octetsFor(binding));
  }

  /** Puts another value of a binding, which fits, in the place of its former one. */
  replace(handle: number, binding: Binding): void {
    const [careOf, service] = [this.#word(handle, Word.CARE_OF), this.#word(handle, Word.SERVICE)];
    if (this.#word(handle, Word.FLAGS) & Flag.AUTHORIZATION) this.#authorizations.delete(handle);
    this.#write(handle, binding);
    this.#giveShared(careOf, service);
  }

  /** Writes the end, also of what was granted, the timestamp and the sequence number of a binding, which has a timestamp as before. */
  extend(handle: number, endsAt: Instant, timestamp: WireTimestamp, sequence: number): void {
    const { words, doubles } = this.#heap.page(handle);
    const double = doubleAt(handle);
    doubles[double + Double.ENDS_AT] = endsAt;
    doubles[double + Double.GRANTED_UNTIL] = endsAt;
    doubles[double + Double.TIMESTAMP] = timestamp.seconds;
    words[wordAt(handle) + Word.SEQUENCE] = sequence | (timestamp.fraction << 16);
  }

  tenureAt(handle: number): Tenure {
    const { words, doubles } = this.#heap.page(handle);
    const at = wordAt(handle);
    const double = doubleAt(handle);
    const [careOf] = this.#careOf.at(words[at + Word.CARE_OF] as number) as Binding['careOfAddresses'];
    return {
      careOf,
      lifetime: milliseconds(doubles[double + Double.LIFETIME] as number),
      timestamp: timestampFrom(
        words[at + Word.FLAGS] as number,
        doubles[double + Double.TIMESTAMP] as number,
        words[at + Word.SEQUENCE] as number,
      ),
    };
  }

  remove(handle: number): void {
    this.#giveShared(this.#word(handle, Word.CARE_OF), this.#word(handle, Word.SERVICE));
    if (this.#word(handle, Word.FLAGS) & Flag.AUTHORIZATION) this.#authorizations.delete(handle);
    this.#heap.give(handle, this.#octetsAt(handle));
  }

  /** The number of its id. */
  idAt(handle: number): number {
    return this.#heap.page(handle).doubles[doubleAt(handle) + Double.ID] as number;
  }

  /** Its serial number among all; no part of the value. */
  ageAt(handle: number): number {
    return this.#heap.page(handle).doubles[doubleAt(handle) + Double.AGE] as number;
  }

  setAge(handle: number, age: number): void {
    this.#setDouble(handle, Double.AGE, age);
  }

  next(handle: number): number {
    return this.#word(handle, Word.NEXT);
  }

  previous(handle: number): number {
    return this.#word(handle, Word.PREVIOUS);
  }

  setNext(handle: number, next: number): void {
    this.#setWord(handle, Word.NEXT, next);
  }

  setPrevious(handle: number, previous: number): void {
    this.#setWord(handle, Word.PREVIOUS, previous);
  }

  isActive(handle: number): boolean {
    return (this.#word(handle, Word.FLAGS) & 0xff) === 0;
  }

  hasHomeAddress(handle: number, customer: number, { word }: Ipv4Address): boolean {
    return (
      this.#word(handle, Word.HOME_ADDRESS) === word &&
      this.#word(handle, Word.CUSTOMER) === customer &&
      (this.#word(handle, Word.FLAGS) & Flag.HOME_ADDRESS) !== 0
    );
  }

  /** `network`: without host part; lengths do not count. */
  hasPrefix(handle: number, customer: number, network: Ipv6Address): boolean {
    const { words } = this.#heap.page(handle);
    const at = wordAt(handle);
    if (words[at + Word.CUSTOMER] !== customer) return false;
    const end = at + Word.COUNT + WORDS_OF_PREFIX * ((words[at + Word.NUMBERS] as number) >>> 24);
    for (let i = at + Word.COUNT; i < end; i += WORDS_OF_PREFIX)
      if (prefixAt(words, i).network.address.equals(network)) return true;
    return false;
  }

  hasName(handle: number, customer: number, name: string): boolean {
    const { words, octets } = this.#heap.page(handle);
    const at = wordAt(handle);
    const lengths = words[at + Word.NAME_LENGTHS] as number;
    const wide = lengths >>> 16 !== 0;
    if (words[at + Word.CUSTOMER] !== customer || name.length !== (wide ? lengths >>> 16 : lengths & 0xffff))
      return false;
    let from = this.#textsAt(handle);
    if (!wide) {
      for (let i = 0; i < name.length; i++) if (octets[from + i] !== name.charCodeAt(i)) return false;
      return true;
    }
    from += lengths & 0xffff;
    return wideText(octets, from, name.length) === name;
  }

  /** `shift`: what its instants are later by: 0 for a binding, and for a record what makes them times of day. */
  read(handle: number, shift: number): Binding | BindingRecord {
    const { words, doubles, octets } = this.#heap.page(handle);
    const at = wordAt(handle);
    const double = doubleAt(handle);
    const flags = words[at + Word.FLAGS] as number;
    const numbers = words[at + Word.NUMBERS] as number;
    const sequence = words[at + Word.SEQUENCE] as number;
    let next = at + Word.COUNT;
    const prefixes = new Array<Ipv6Prefix>(numbers >>> 24);
    for (let i = 0; i < prefixes.length; i++) {
      prefixes[i] = prefixAt(words, next);
      next += WORDS_OF_PREFIX;
    }
    let linkLocalAddress: Ipv6Address | undefined;
    if (flags & Flag.FIXED_LINK_LOCAL) linkLocalAddress = FIXED_LINK_LOCAL_ADDRESS;
    else if (flags & Flag.LINK_LOCAL) {
      linkLocalAddress = addressAt(words, next);
      next += 4;
    }
    let messageId: Binding['messageId'];
    if (flags & Flag.MESSAGE_ID) {
      messageId = { seconds: (words[next] as number) >>> 0, fraction: (words[next + 1] as number) >>> 0 };
      next += 2;
    }
    let from = 4 * next;
    const lengths = words[at + Word.NAME_LENGTHS] as number;
    const identifier = characters(octets, from, from + (lengths & 0xffff));
    from += lengths & 0xffff;
    const name = lengths >>> 16 === 0 ? identifier : wideText(octets, from, lengths >>> 16);
    from += 2 * (lengths >>> 16);
    const binding: Binding = {
      id: this.#ids.idOf(doubles[double + Double.ID] as number),
      state: STATES[flags & 0xff] as Binding['state'],
      customer: words[at + Word.CUSTOMER] as number,
      mobileNode: { subtype: (numbers >>> 8) & 0xff, identifier, name },
      interface: {
        linkLayerIdentifier: characters(octets, from, from + (words[at + Word.LINK_LAYER_LENGTH] as number)),
        accessTechnology: numbers & 0xff,
      },
      careOfAddresses: this.#careOf.at(words[at + Word.CARE_OF] as number) as Binding['careOfAddresses'],
      homeAddress:
        flags & Flag.HOME_ADDRESS
          ? {
              address: new Ipv4Address(words[at + Word.HOME_ADDRESS] as number),
              prefixLength: (numbers >>> 16) & 0xff,
              defaultRouter: new Ipv4Address(words[at + Word.DEFAULT_ROUTER] as number),
            }
          : undefined,
      prefixes,
      linkLocalAddress,
      lifetime: milliseconds(doubles[double + Double.LIFETIME] as number),
      endsAt: ((doubles[double + Double.ENDS_AT] as number) + shift) as Instant,
      grantedUntil: ((doubles[double + Double.GRANTED_UNTIL] as number) + shift) as Instant,
      registeredAt: doubles[double + Double.REGISTERED_AT] as UtcTime,
      timestamp: timestampFrom(flags, doubles[double + Double.TIMESTAMP] as number, sequence),
      messageId,
      sequence: sequence & 0xffff,
      service: this.#services.at(words[at + Word.SERVICE] as number),
      uplinkKey: flags & Flag.UPLINK_KEY ? (words[at + Word.UPLINK_KEY] as number) >>> 0 : undefined,
    };
    const authorization = flags & Flag.AUTHORIZATION ? this.#authorizations.get(handle) : undefined;
    return authorization ? { ...binding, authorization } : binding;
  }

  /** Its record as it is stored; `shift`: what makes its instants times of day. The octets hold until the next record is encoded. */
  encode(handle: number, shift: number): Uint8Array {
    const page = this.#heap.page(handle);
    const at = wordAt(handle);
    const careOf = this.#careOf.at(page.words[at + Word.CARE_OF] as number) as Binding['careOfAddresses'];
    const service = this.#services.at(page.words[at + Word.SERVICE] as number);
    return (
      encodePacked(page, handle, careOf, service, shift) ??
      encodeBindingRecord(this.read(handle, shift) as BindingRecord)
    );
  }

  #write(handle: number, binding: Binding): void {
    const { words, doubles, octets } = this.#heap.page(handle);
    const at = wordAt(handle);
    const double = doubleAt(handle);
    const { mobileNode, homeAddress, prefixes, linkLocalAddress, timestamp, messageId, uplinkKey } = binding;
    doubles[double + Double.ENDS_AT] = binding.endsAt;
    doubles[double + Double.GRANTED_UNTIL] = binding.grantedUntil;
    doubles[double + Double.REGISTERED_AT] = binding.registeredAt;
    doubles[double + Double.LIFETIME] = binding.lifetime;
    doubles[double + Double.TIMESTAMP] = timestamp?.seconds ?? 0;
    words[at + Word.FLAGS] = flagsOf(binding);
    words[at + Word.CUSTOMER] = binding.customer;
    words[at + Word.CARE_OF] = this.#careOf.take(binding.careOfAddresses);
    words[at + Word.SERVICE] = binding.service === undefined ? 0 : this.#services.take(binding.service);
    words[at + Word.HOME_ADDRESS] = homeAddress?.address.word ?? 0;
    words[at + Word.DEFAULT_ROUTER] = homeAddress?.defaultRouter.word ?? 0;
    words[at + Word.UPLINK_KEY] = uplinkKey ?? 0;
    words[at + Word.SEQUENCE] = binding.sequence | ((timestamp?.fraction ?? 0) << 16);
    words[at + Word.NUMBERS] =
      binding.interface.accessTechnology |
      (mobileNode.subtype << 8) |
      ((homeAddress?.prefixLength ?? 0) << 16) |
      (prefixes.length << 24);
    let next = at + Word.COUNT;
    for (const { address, length } of prefixes) {
      writeAddress(words, next, address);
      words[next + 4] = length;
      next += WORDS_OF_PREFIX;
    }
    if (linkLocalAddress && !isFixed(linkLocalAddress)) {
      writeAddress(words, next, linkLocalAddress);
      next += 4;
    }
    if (messageId) {
      words[next] = messageId.seconds;
      words[next + 1] = messageId.fraction;
      next += 2;
    }
    const { identifier, name } = mobileNode;
    const { linkLayerIdentifier } = binding.interface;
    const nameLength = name === identifier ? 0 : name.length;
    words[at + Word.NAME_LENGTHS] = identifier.length | (nameLength << 16);
    words[at + Word.LINK_LAYER_LENGTH] = linkLayerIdentifier.length;
    let from = writeText(octets, 4 * next, identifier);
    if (nameLength > 0) from = writeWideText(octets, from, name);
    writeText(octets, from, linkLayerIdentifier);
    if (binding.authorization) this.#authorizations.set(handle, binding.authorization);
  }

  #giveShared(careOf: number, service: number): void {
    this.#careOf.give(careOf);
    if (service !== 0) this.#services.give(service);
  }

  #word(handle: number, word: number): number {
    return this.#heap.page(handle).words[wordAt(handle) + word] as number;
  }

  #setWord(handle: number, word: number, value: number): void {
    this.#heap.page(handle).words[wordAt(handle) + word] = value;
  }

  #setDouble(handle: number, double: number, value: number): void {
    this.#heap.page(handle).doubles[doubleAt(handle) + double] = value;
  }

  /** Where its identifier begins. */
  #textsAt(handle: number): number {
    const flags = this.#word(handle, Word.FLAGS);
    const prefixes = this.#word(handle, Word.NUMBERS) >>> 24;
    return octetAt(handle) + octetsBeforeTexts(prefixes, flags);
  }

  #octetsAt(handle: number): number {
    const lengths = this.#word(handle, Word.NAME_LENGTHS);
    const texts = (lengths & 0xffff) + 2 * (lengths >>> 16) + this.#word(handle, Word.LINK_LAYER_LENGTH);
    return this.#textsAt(handle) - octetAt(handle) + texts;
  }
}

function octetsFor(binding: Binding): number {
  const { identifier, name } = binding.mobileNode;
  const texts =
    identifier.length + (name === identifier ? 0 : 2 * name.length) + binding.interface.linkLayerIdentifier.length;
  return octetsBeforeTexts(binding.prefixes.length, flagsOf(binding)) + texts;
}

function octetsBeforeTexts(prefixes: number, flags: number): number {
  const rare = (flags & Flag.LINK_LOCAL ? 4 : 0) + (flags & Flag.MESSAGE_ID ? 2 : 0);
  return 4 * (Word.COUNT + WORDS_OF_PREFIX * prefixes + rare);
}

function flagsOf(binding: Binding): number {
  const { homeAddress, linkLocalAddress, timestamp, messageId, uplinkKey, authorization } = binding;
  const fixed = linkLocalAddress !== undefined && isFixed(linkLocalAddress);
  return (
    STATES.indexOf(binding.state) |
    (homeAddress ? Flag.HOME_ADDRESS : 0) |
    (fixed ? Flag.FIXED_LINK_LOCAL : 0) |
    (linkLocalAddress && !fixed ? Flag.LINK_LOCAL : 0) |
    (timestamp ? Flag.TIMESTAMP : 0) |
    (messageId ? Flag.MESSAGE_ID : 0) |
    (uplinkKey !== undefined ? Flag.UPLINK_KEY : 0) |
    (authorization ? Flag.AUTHORIZATION : 0)
  );
}

/** `sequence`: with the fraction above it. */
function timestampFrom(flags: number, seconds: number, sequence: number): WireTimestamp | undefined {
  return flags & Flag.TIMESTAMP ? { seconds, fraction: sequence >>> 16 } : undefined;
}

function isFixed(address: Ipv6Address): boolean {
  return address === FIXED_LINK_LOCAL_ADDRESS || FIXED_LINK_LOCAL_ADDRESS.equals(address);
}

function addressAt(words: Int32Array, at: number): Ipv6Address {
  return new Ipv6Address(
    words[at] as number,
    words[at + 1] as number,
    words[at + 2] as number,
    words[at + 3] as number,
  );
}

function prefixAt(words: Int32Array, at: number): Ipv6Prefix {
  return new Ipv6Prefix(addressAt(words, at), words[at + 4] as number);
}

function writeAddress(words: Int32Array, at: number, { w0, w1, w2, w3 }: Ipv6Address): void {
  words[at] = w0;
  words[at + 1] = w1;
  words[at + 2] = w2;
  words[at + 3] = w3;
}

/** Returns where the next begins. */
function writeText(octets: Uint8Array, at: number, characters: string): number {
  for (let i = 0; i < characters.length; i++) octets[at + i] = characters.charCodeAt(i);
  return at + characters.length;
}

function writeWideText(octets: Uint8Array, at: number, characters: string): number {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    octets[at + 2 * i] = code >>> 8;
    octets[at + 2 * i + 1] = code;
  }
  return at + 2 * characters.length;
}

function wideText(octets: Uint8Array, at: number, length: number): string {
  let characters = '';
  for (let i = 0; i < length; i++)
    characters += String.fromCharCode(((octets[at + 2 * i] as number) << 8) | (octets[at + 2 * i + 1] as number));
  return characters;
}
