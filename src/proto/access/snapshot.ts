import type { Instant } from '#base/time.ts';
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
  /** Seconds until the address that DHCP acknowledged runs out; `null` when it acknowledged none of this session. */
  readonly leaseRemaining: number | null;
  readonly hnps: readonly string[];
  readonly linkLocal: string | null;
}

/** `now` is missing before the first event. */
export function stationRow(station: Station, now: Instant | undefined): AccessStationRow {
  const { session } = station;
  return {
    mac: station.mac.toCiscoString(),
    interface: station.interface,
    accessPoint: station.accessPoint?.name ?? null,
    phase: station.phase,
    nai: session?.nai ?? null,
    hoa: session?.homeAddress?.address.toString() ?? null,
    leaseRemaining: leaseRemaining(station, now),
    hnps: session?.prefixes.map(String) ?? [],
    linkLocal: station.linkLocal?.toString() ?? null,
  };
}

function leaseRemaining({ session, lease }: Station, now: Instant | undefined): number | null {
  if (!lease || now === undefined || lease.until <= now) return null;
  return session?.homeAddress?.address.equals(lease.address) ? Math.round((lease.until - now) / 1000) : null;
}
