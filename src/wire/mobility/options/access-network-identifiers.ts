/** The sub-options of the Access Network Identifier option. */
import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { WireFault } from '../../error.ts';
import { copyOctets, writeOctets } from '../../octets.ts';
import { fromFourSeconds, toFourSeconds } from '../../time-units.ts';
import { ANYWHERE, atLeast, defineMobilityOption, exactly, type MobilityOptionCodec } from '../option.ts';
import type { SubOptionTable } from '../sub-option-list.ts';

export type AccessNetworkIdentifier =
  | NetworkIdentifier
  | GeoLocation
  | OperatorIdentifier
  | CivicLocation
  | MagGroupIdentifier
  | AniUpdateTimer;

export interface NetworkIdentifier {
  readonly kind: 'network-identifier';
  /** E: the network name is UTF-8. */
  readonly utf8: boolean;
  /** An SSID on 802.11, else a PLMN identifier. */
  readonly networkName: Uint8Array;
  /** May be empty. */
  readonly accessPointName: Uint8Array;
}

/** WGS 84, in steps of 2^-15 degree. */
export interface GeoLocation {
  readonly kind: 'geo-location';
  readonly latitudeDegrees: number;
  readonly longitudeDegrees: number;
}

export interface OperatorIdentifier {
  readonly kind: 'operator-identifier';
  /** 1: private enterprise number, 2: realm. */
  readonly operatorType: number;
  readonly identifier: Uint8Array;
}

export interface CivicLocation {
  readonly kind: 'civic-location';
  /** 0: the binary encoding of RFC 4776. */
  readonly format: number;
  readonly location: Uint8Array;
}

export interface MagGroupIdentifier {
  readonly kind: 'mag-group-identifier';
  readonly groupIdentifier: number;
}

export interface AniUpdateTimer {
  readonly kind: 'ani-update-timer';
  /** 0: changes are told at once. */
  readonly updateTimer: Duration;
}

const UTF8 = 0x80;
const DEGREE = 1 << 15;

const networkIdentifier = defineMobilityOption<NetworkIdentifier>({
  type: 1,
  kind: 'network-identifier',
  name: 'Network-Identifier',
  rfc: 'RFC 6757 §3.1.1 "Network-Identifier Sub-Option"',
  align: ANYWHERE,
  length: atLeast(3),
  decode(bytes, at, end) {
    const name = at + 2;
    const nameEnd = name + (bytes[at + 1] as number);
    const accessPoint = nameEnd + 1;
    const accessPointEnd = accessPoint + (nameEnd < end ? (bytes[nameEnd] as number) : 0);
    if (accessPointEnd > end || nameEnd >= end) {
      return new WireFault(
        'bad-length',
        at + 1,
        'Net-Name Length',
        'the names run past the sub-option (RFC 6757 §3.1.1)',
      );
    }
    return {
      kind: 'network-identifier',
      utf8: ((bytes[at] as number) & UTF8) !== 0,
      networkName: copyOctets(bytes, name, nameEnd),
      accessPointName: copyOctets(bytes, accessPoint, accessPointEnd),
    };
  },
  encode(value, out, at) {
    out[at] = value.utf8 ? UTF8 : 0;
    out[at + 1] = value.networkName.length;
    const next = writeOctets(value.networkName, out, at + 2);
    out[next] = value.accessPointName.length;
    return writeOctets(value.accessPointName, out, next + 1);
  },
});

const geoLocation = defineMobilityOption<GeoLocation>({
  type: 2,
  kind: 'geo-location',
  name: 'Geo-Location',
  rfc: 'RFC 6757 §3.1.2 "Geo-Location Sub-Option"',
  align: ANYWHERE,
  length: exactly(6),
  decode: (bytes, at) => ({
    kind: 'geo-location',
    latitudeDegrees: readDegrees(bytes, at),
    longitudeDegrees: readDegrees(bytes, at + 3),
  }),
  encode(value, out, at) {
    writeDegrees(out, at, value.latitudeDegrees);
    writeDegrees(out, at + 3, value.longitudeDegrees);
    return at + 6;
  },
});

const operatorIdentifier = defineMobilityOption<OperatorIdentifier>({
  type: 3,
  kind: 'operator-identifier',
  name: 'Operator-Identifier',
  rfc: 'RFC 6757 §3.1.3 "Operator-Identifier Sub-Option"',
  align: ANYWHERE,
  length: atLeast(2),
  decode: (bytes, at, end) => ({
    kind: 'operator-identifier',
    operatorType: bytes[at] as number,
    identifier: copyOctets(bytes, at + 1, end),
  }),
  encode(value, out, at) {
    out[at] = value.operatorType;
    return writeOctets(value.identifier, out, at + 1);
  },
});

const civicLocation = defineMobilityOption<CivicLocation>({
  type: 4,
  kind: 'civic-location',
  name: 'Civic-Location',
  rfc: 'RFC 7563 §3.1 "Civic-Location Sub-Option"',
  align: ANYWHERE,
  length: atLeast(2),
  decode: (bytes, at, end) => ({
    kind: 'civic-location',
    format: bytes[at] as number,
    location: copyOctets(bytes, at + 2, end),
  }),
  encode(value, out, at) {
    out[at] = value.format;
    out[at + 1] = 0;
    return writeOctets(value.location, out, at + 2);
  },
});

/** Chooses: two octets, as the length and the figure say; the text says "3-octet". */
const magGroupIdentifier = defineMobilityOption<MagGroupIdentifier>({
  type: 5,
  kind: 'mag-group-identifier',
  name: 'MAG-Group-Identifier',
  rfc: 'RFC 7563 §3.2 "MAG-Group-Identifier Sub-Option"',
  align: ANYWHERE,
  length: exactly(2),
  decode: (bytes, at) => ({ kind: 'mag-group-identifier', groupIdentifier: readU16(bytes, at) }),
  encode(value, out, at) {
    writeU16(out, at, value.groupIdentifier);
    return at + 2;
  },
});

const aniUpdateTimer = defineMobilityOption<AniUpdateTimer>({
  type: 6,
  kind: 'ani-update-timer',
  name: 'ANI Update-Timer',
  rfc: 'RFC 7563 §3.3 "ANI Update-Timer Sub-Option"',
  align: ANYWHERE,
  length: exactly(2),
  decode: (bytes, at) => ({ kind: 'ani-update-timer', updateTimer: fromFourSeconds(readU16(bytes, at)) }),
  encode(value, out, at) {
    writeU16(out, at, toFourSeconds(value.updateTimer));
    return at + 2;
  },
});

export const ACCESS_NETWORK_IDENTIFIERS: SubOptionTable<AccessNetworkIdentifier> = {
  codecs: [
    networkIdentifier,
    geoLocation,
    operatorIdentifier,
    civicLocation,
    magGroupIdentifier,
    aniUpdateTimer,
  ] as unknown as MobilityOptionCodec<number, AccessNetworkIdentifier>[],
  padding: false,
  rfc: 'RFC 6757 §3.1 "Format of the Access Network Identifier Sub-Option"',
};

/** 24 bits, two's complement, 9 of them whole. */
function readDegrees(bytes: Uint8Array, at: number): number {
  const high = bytes[at] as number;
  return (((high << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8)) >> 8) / DEGREE;
}

function writeDegrees(out: Uint8Array, at: number, degrees: number): void {
  const steps = Math.round(degrees * DEGREE);
  out[at] = steps >> 16;
  writeU16(out, at + 1, steps & 0xffff);
}
