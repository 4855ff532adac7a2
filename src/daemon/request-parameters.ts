import { MacAddress } from '#base/mac-address.ts';
import { RequestError } from './control-protocol.ts';

/** Throws `RequestError`, as does the other. */
export function optionalText(field: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new RequestError('bad-request', `"${field}" must be text`);
}

/** The address of one station: of no group, and not zero. */
export function optionalMac(field: string, value: unknown): MacAddress | undefined {
  const text = optionalText(field, value);
  if (text === undefined) return undefined;
  const mac = MacAddress.parse(text);
  if (mac && !mac.isMulticast && !mac.isZero) return mac;
  const forms = 'write it as 0024.d78e.21a4 or 00:24:d7:8e:21:a4';
  throw new RequestError('bad-request', `"${text}" is not the link-layer address of a station; ${forms}`);
}
