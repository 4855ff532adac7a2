import { toHex } from '#base/bytes.ts';
import { readHardwareAddress } from '#proto/aaa/calling-station.ts';
import { decodeRadius, findRadiusAttribute, RADIUS_ATTRIBUTES_AT } from '#wire/radius.ts';
import type { RadiusDatagram } from './radius-listener.ts';
import type { RecordSubject } from './radius-messages.ts';
import type { Turns } from './turns.ts';

const CALLING_STATION_ID = 31;

/**
 * The order in which records of access points are taken. Those of a station with a local profile are taken at once, as nobody is asked about it, and whatever else an access point tells
 * waits for its turn: so a station waits for the reading of what came before, and not for all that follows from it. Records of one station keep their order, and none passes what an access point says
 * of itself. What comes again while it waits is counted, and left out.
 */
export class RecordLine {
  duplicates = 0;
  readonly #turns: Turns;
  #localStations: ReadonlySet<string> = new Set();
  /** By who sent them, and what tells them from others of that sender. */
  readonly #waiting = new Set<string>();
  /** Those among them that are of access points. */
  #ofAccessPoints = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** `localStations`: as `readHardwareAddress` has them. */
  configure(localStations: readonly string[]): void {
    this.#localStations = new Set(localStations);
  }

  /** `take` does not throw. */
  add({ from, port, octets }: RadiusDatagram, take: (about: RecordSubject) => void): void {
    const about = this.#subjectOf(octets);
    if (about === 'local-station' && this.#ofAccessPoints === 0) {
      take(about);
      return;
    }
    // RFC 2866 §3 "Packet Format": a duplicate has the same source, port and identifier; with the authenticator, it is about the same too.
    const key = `${from} ${port} ${toHex(octets.subarray(0, RADIUS_ATTRIBUTES_AT))}`;
    if (this.#waiting.has(key)) {
      this.duplicates++;
      return;
    }
    this.#waiting.add(key);
    if (about === 'access-point') this.#ofAccessPoints++;
    this.#turns.add(() => {
      this.#waiting.delete(key);
      if (about === 'access-point') this.#ofAccessPoints--;
      take(about);
    });
  }

  /** Without a station: the access point. */
  #subjectOf(octets: Uint8Array): RecordSubject {
    const station = stationOf(octets);
    if (station === undefined) return 'access-point';
    return this.#localStations.has(station) ? 'local-station' : 'station';
  }
}

function stationOf(octets: Uint8Array): string | undefined {
  const decoded = decodeRadius(octets);
  const station = decoded.ok ? findRadiusAttribute(decoded.value, CALLING_STATION_ID) : undefined;
  return station && readHardwareAddress(new TextDecoder().decode(station));
}
