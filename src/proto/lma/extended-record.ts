import type { EncodedRecord } from '../record-change.ts';
import type { BindingRecord } from './record.ts';
import { decodeBindingRecord } from './record-codec.ts';

/** A binding that was extended, to be stored within the window: as octets, of which few want to know what is in them. */
export class ExtendedRecord {
  readonly kind = 'put';
  readonly urgency = 'within-window';
  readonly encoded: EncodedRecord;
  #record: BindingRecord | undefined;

  constructor(id: string, octets: Uint8Array) {
    this.encoded = { id, octets };
  }

  get record(): BindingRecord {
    const { id, octets } = this.encoded;
    this.#record ??= decodeBindingRecord(id, octets) as BindingRecord;
    return this.#record;
  }
}
