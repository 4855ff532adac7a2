import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import { optionalMac, optionalText } from './request-parameters.ts';

/** Which bindings an operator means: those for which everything that is given holds. */
export interface BindingSelection {
  /** Only the LMAs, or only the MAGs. */
  readonly role?: 'lma' | 'mag';
  /** Only the LMA or MAG of this name. */
  readonly node?: string;
  readonly nai?: string;
  readonly mac?: MacAddress;
  /** Bindings of an LMA with this MAG: its name or its address. */
  readonly mag?: string;
}

/** Throws `RequestError`. */
export function readSelection(request: ControlRequest): BindingSelection {
  const role = optionalText('role', request.role);
  if (role !== undefined && role !== 'lma' && role !== 'mag')
    throw new RequestError('bad-request', '"role" must be "lma" or "mag"');
  const [node, nai, mag] = (['node', 'nai', 'mag'] as const).map((field) => optionalText(field, request[field]));
  const mac = optionalMac('mac', request.mac);
  return {
    ...(role && { role }),
    ...(node !== undefined && { node }),
    ...(nai !== undefined && { nai }),
    ...(mac && { mac }),
    ...(mag !== undefined && { mag: canonicalAddress(mag) }),
  };
}

/** An address as `show` prints it; other text stays as it is. */
export function canonicalAddress(text: string): string {
  return (Ipv6Address.parse(text) ?? Ipv4Address.parse(text) ?? text).toString();
}
