import type { MacAddress } from '#base/mac-address.ts';
import { canonicalAddress } from './binding-selection.ts';
import type { ControlRequest } from './control-protocol.ts';
import { optionalMac, optionalText } from './request-parameters.ts';

/** What of a view an operator wants to see: that for which everything given holds. */
export interface ShowFilter {
  /** The name of an LMA or MAG of this node. */
  readonly node: string | undefined;
  readonly nai: string | undefined;
  readonly mac: MacAddress | undefined;
  /** A peer: its name or its address. */
  readonly mag: string | undefined;
  readonly lma: string | undefined;
  readonly customer: string | undefined;
  /** Of a pool or an interface. */
  readonly name: string | undefined;
}

/** Throws `RequestError`. */
export function readFilter(request: ControlRequest): ShowFilter {
  const textOf = (field: string) => optionalText(field, request[field]);
  const peer = (field: string) => {
    const text = textOf(field);
    return text === undefined ? undefined : canonicalAddress(text);
  };
  return {
    node: textOf('node'),
    nai: textOf('nai'),
    mac: optionalMac('mac', request.mac),
    mag: peer('mag'),
    lma: peer('lma'),
    customer: textOf('customer'),
    name: textOf('name'),
  };
}
