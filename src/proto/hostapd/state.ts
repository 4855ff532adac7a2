import type { MacAddress } from '#base/mac-address.ts';

/**
 * `closed`: no socket, another attempt follows. `opening`: the socket is being opened. `attaching`: hostapd was asked to tell events. `listing`:
 * it is asked for its stations, one after the other. `watching`: it tells who comes and goes, and is asked now and then whether it lives.
 */
export type ConnectionState = 'closed' | 'opening' | 'attaching' | 'listing' | 'watching';

/** What was asked and is not answered yet; one thing at a time, as replies have no number. */
export type Question = 'ATTACH' | 'PING' | 'STA-FIRST' | 'STA-NEXT';

/** Stations by the key of their address. */
export type Stations = Map<number, MacAddress>;

/** A list of hostapd's stations on its way. */
export interface Listing {
  readonly stations: Stations;
  /** Stations named so far, those that may not use the link included. */
  readonly named: Set<number>;
  /** How often it was begun. */
  attempt: number;
}
