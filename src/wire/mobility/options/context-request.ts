import { WireFault } from '../../error.ts';
import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export interface ContextRequestOption {
  readonly kind: 'context-request';
  readonly requests: readonly ContextRequest[];
}

/** One mobility option that the sender wants to learn. */
export interface ContextRequest {
  /** The option's type. */
  readonly type: number;
  /** What tells several options of that type apart: vendor and sub-type of a Vendor Specific option. */
  readonly data: Uint8Array;
}

export const contextRequest = defineMobilityOption<ContextRequestOption>({
  type: 40,
  kind: 'context-request',
  name: 'Context Request',
  rfc: 'RFC 5949 §6.2.1 "Context Request Option"',
  align: aligned(4),
  length: atLeast(2),
  decode(bytes, at, end) {
    const requests: ContextRequest[] = [];
    let next = at + 2;
    while (next < end) {
      const dataEnd = next + 2 + (bytes[next + 1] as number);
      if (next + 2 > end || dataEnd > end) {
        return new WireFault('truncated', next, 'Req-length', 'the request runs past its option (RFC 5949 §6.2.1)');
      }
      requests.push({ type: bytes[next] as number, data: copyOctets(bytes, next + 2, dataEnd) });
      next = dataEnd;
    }
    return { kind: 'context-request', requests };
  },
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = 0;
    let next = at + 2;
    for (const request of option.requests) {
      out[next] = request.type;
      out[next + 1] = request.data.length;
      next = writeOctets(request.data, out, next + 2);
    }
    return next;
  },
});
