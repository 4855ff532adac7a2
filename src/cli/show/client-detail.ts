import { text } from './layout.ts';

/** What `show client detail MAC` shows of one mobile node; plain JSON. */
export interface ClientView {
  /** As `00:23:c2:db:29:2d`. */
  readonly mac: string;
  readonly interface: string;
  /** The access point that says to have it. */
  readonly accessPoint: string | null;
  readonly nai: string | null;
  /** `null` when it has no binding. */
  readonly state: 'INIT' | 'ACTIVE' | 'REFRESH_PENDING' | 'DISCONNECTING' | null;
  readonly hoa: string | null;
  readonly hnps: readonly string[];
  readonly lma: string | null;
}

const STATES = { INIT: 'Init', ACTIVE: 'Complete', REFRESH_PENDING: 'Complete', DISCONNECTING: 'Disconnecting' };

/** A wireless LAN controller's `show client detail`, as far as it is about PMIPv6. The controller is where the MAG is: here. */
export function renderClientDetail(client: ClientView): string {
  const fields: (readonly [string, string | null])[] = [
    ['Client MAC Address', client.mac],
    ['Client NAI', client.nai],
    ['Interface', client.interface],
    ['AP', client.accessPoint],
    ['IP Address', client.hoa],
    ...client.hnps.map((prefix) => ['IPv6 Prefix', prefix] as const),
    ['Client Type', client.state === null ? 'Simple IP' : 'PMIPv6'],
    ['PMIPv6 State', client.state && STATES[client.state]],
    ['PMIPv6 MAG location', client.state && 'WLC'],
    ['PMIPv6 LMA', client.lma],
  ];
  return text(fields.flatMap(([label, value]) => (value === null ? [] : [`${label}..... ${value}`])));
}
