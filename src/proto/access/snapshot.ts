import type { Station, StationPhase } from './state.ts';

/** A station as `show` tells it. */
export interface AccessStationRow {
  /** As `0024.d78e.21a4`. */
  readonly mac: string;
  readonly interface: string;
  /** The access point that says to have it. */
  readonly accessPoint: string | null;
  readonly phase: StationPhase;
  readonly nai: string | null;
  readonly hoa: string | null;
  readonly hnps: readonly string[];
  readonly linkLocal: string | null;
}

export function stationRow(station: Station): AccessStationRow {
  const { session } = station;
  return {
    mac: station.mac.toCiscoString(),
    interface: station.interface,
    accessPoint: station.accessPoint ?? null,
    phase: station.phase,
    nai: session?.nai ?? null,
    hoa: session?.homeAddress?.address.toString() ?? null,
    hnps: session?.prefixes.map(String) ?? [],
    linkLocal: station.linkLocal?.toString() ?? null,
  };
}
