import type { Err, Result } from '#base/result.ts';
import { err } from '#base/result.ts';

export type WireErrorCode = 'truncated' | 'bad-length' | 'bad-value' | 'bad-checksum' | 'too-long' | 'unknown-type';

/** What is wrong with a peer's bytes. */
export interface WireError {
  readonly code: WireErrorCode;
  /** Octets from the start of the decoded slice. */
  readonly offset: number;
  /** The field, named as in the RFC. */
  readonly field: string;
  /** What it violates, with the RFC's section. */
  readonly rule: string;
}

export type Decoded<T> = Result<T, WireError>;

/** A wire error that an inner decoder can return beside its value, told apart by `instanceof` and without a wrapper. */
export class WireFault implements WireError {
  readonly code: WireErrorCode;
  readonly offset: number;
  readonly field: string;
  readonly rule: string;

  constructor(code: WireErrorCode, offset: number, field: string, rule: string) {
    this.code = code;
    this.offset = offset;
    this.field = field;
    this.rule = rule;
  }
}

export function wireError(code: WireErrorCode, offset: number, field: string, rule: string): Err<WireError> {
  return err(new WireFault(code, offset, field, rule));
}
