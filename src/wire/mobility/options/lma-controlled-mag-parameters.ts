import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { WireFault } from '../../error.ts';
import { fromFourSeconds, fromSeconds, toFourSeconds, toSeconds16 } from '../../time-units.ts';
import { aligned, atLeast, defineMobilityOption, exactly, type MobilityOptionCodec } from '../option.ts';
import { decodeSubOptions, encodeSubOptions, type SubOptionTable, type UnknownSubOption } from '../sub-option-list.ts';

/** Timers that the LMA sets for the MAG; only in a Proxy Binding Acknowledgement. */
export interface LmaControlledMagParametersOption {
  readonly kind: 'lma-controlled-mag-parameters';
  readonly subOptions: readonly (LmaControlledMagParameter | UnknownSubOption)[];
}

export type LmaControlledMagParameter = BindingReregistrationControl | HeartbeatControl;

export interface BindingReregistrationControl {
  readonly kind: 'binding-reregistration-control';
  /** Before the binding expires; on the wire in units of 4 seconds. */
  readonly startTime: Duration;
  readonly initialRetransmissionTime: Duration;
  readonly maximumRetransmissionTime: Duration;
}

export interface HeartbeatControl {
  readonly kind: 'heartbeat-control';
  readonly interval: Duration;
  readonly retransmissionDelay: Duration;
  readonly maximumRetransmissions: number;
}

const bindingReregistrationControl = defineMobilityOption<BindingReregistrationControl>({
  type: 1,
  kind: 'binding-reregistration-control',
  name: 'Binding Re-registration Control',
  rfc: 'RFC 8127 §3.1.1 "Binding Re-registration Control Sub-Option"',
  align: aligned(4),
  length: exactly(6),
  decode: (bytes, at) => ({
    kind: 'binding-reregistration-control',
    startTime: fromFourSeconds(readU16(bytes, at)),
    initialRetransmissionTime: fromSeconds(readU16(bytes, at + 2)),
    maximumRetransmissionTime: fromSeconds(readU16(bytes, at + 4)),
  }),
  encode(value, out, at) {
    writeU16(out, at, toFourSeconds(value.startTime));
    writeU16(out, at + 2, toSeconds16(value.initialRetransmissionTime));
    writeU16(out, at + 4, toSeconds16(value.maximumRetransmissionTime));
    return at + 6;
  },
});

const heartbeatControl = defineMobilityOption<HeartbeatControl>({
  type: 2,
  kind: 'heartbeat-control',
  name: 'Heartbeat Control',
  rfc: 'RFC 8127 §3.1.2 "Heartbeat Control Sub-Option"',
  align: aligned(4),
  length: exactly(6),
  decode: (bytes, at) => ({
    kind: 'heartbeat-control',
    interval: fromSeconds(readU16(bytes, at)),
    retransmissionDelay: fromSeconds(readU16(bytes, at + 2)),
    maximumRetransmissions: readU16(bytes, at + 4),
  }),
  encode(value, out, at) {
    writeU16(out, at, toSeconds16(value.interval));
    writeU16(out, at + 2, toSeconds16(value.retransmissionDelay));
    writeU16(out, at + 4, value.maximumRetransmissions);
    return at + 6;
  },
});

const table: SubOptionTable<LmaControlledMagParameter> = {
  codecs: [bindingReregistrationControl, heartbeatControl] as unknown as MobilityOptionCodec<
    number,
    LmaControlledMagParameter
  >[],
  padding: false,
  rfc: 'RFC 8127 §3.1 "Format of the LCMP Sub-Options"',
};

export const lmaControlledMagParameters = defineMobilityOption<LmaControlledMagParametersOption>({
  type: 62,
  kind: 'lma-controlled-mag-parameters',
  name: 'LMA-Controlled MAG Parameters',
  rfc: 'RFC 8127 §3 "Protocol Extension"',
  align: aligned(4, 2),
  length: atLeast(2),
  decode(bytes, at, end) {
    const subOptions = decodeSubOptions(table, bytes, at, end);
    return subOptions instanceof WireFault ? subOptions : { kind: 'lma-controlled-mag-parameters', subOptions };
  },
  encode: (option, out, at) => encodeSubOptions(table, option.subOptions, out, at),
});
