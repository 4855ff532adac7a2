import { MacAddress } from '#base/mac-address.ts';
import { type DisconnectableSession, DisconnectRequest } from '#proto/aaa/disconnect.ts';
import type { LmaBindingSelection } from '#proto/lma/events.ts';
import type { LmaBindingRow, LmaConfig } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

/** An LMA or MAG. */
interface Disconnectable {
  readonly config: Pick<LmaConfig, 'addresses'>;
  readonly machine: { snapshot(now?: undefined, selection?: LmaBindingSelection): (LmaBindingRow | MagBindingRow)[] };
}

export interface DisconnectScope<One extends Disconnectable> {
  readonly hostname: string;
  readonly nodes: readonly One[];
  /** The Acct-Session-Id of an LMA's binding. */
  readonly accountingSession: (binding: string) => string;
  readonly end: (node: One, selection: LmaBindingSelection) => void;
}

/** Ends the sessions that a Disconnect-Request with these attributes names. Returns why not. */
export function disconnectSessions<One extends Disconnectable>(
  attributes: readonly RadiusAttribute[],
  { hostname, nodes, accountingSession, end }: DisconnectScope<One>,
): ErrorCause | undefined {
  const read = DisconnectRequest.read(attributes);
  if (!read.ok) return read.error;
  const request = read.value;
  const meant = nodes.filter(({ config: { addresses } }) =>
    request.means({ identifier: hostname, addresses: [addresses.ipv6, addresses.ipv4] }),
  );
  if (meant.length === 0) return ErrorCause.NAS_IDENTIFICATION_MISMATCH;
  let ended = 0;
  for (const node of meant) {
    for (const row of node.machine.snapshot(undefined, request.selection)) {
      if (!request.names(sessionOf(row, accountingSession))) continue;
      end(node, selectionOf(row));
      ended++;
    }
  }
  return ended === 0 ? ErrorCause.SESSION_CONTEXT_NOT_FOUND : undefined;
}

function sessionOf(
  row: LmaBindingRow | MagBindingRow,
  accountingSession: (binding: string) => string,
): DisconnectableSession {
  if ('id' in row) return { ...row, accountingSession: accountingSession(row.id), station: row.peer };
  return { ...row, port: row.interface };
}

/** That one binding. */
function selectionOf(row: LmaBindingRow | MagBindingRow): LmaBindingSelection {
  if ('id' in row) return { id: row.id };
  const mac = MacAddress.parse(row.llid);
  return { nai: row.nai, ...(mac && { mac }) };
}
