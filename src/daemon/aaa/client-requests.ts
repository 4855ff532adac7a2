import { MacAddress } from '#base/mac-address.ts';
import { err, ok, type Result } from '#base/result.ts';
import { type AuthorizationChange, readChangeRequest } from '#proto/aaa/authorization-change.ts';
import { type NamedSession, SessionRequest } from '#proto/aaa/session-request.ts';
import type { LmaBindingSelection, LmaSessionChange } from '#proto/lma/events.ts';
import type { LmaBindingRow, LmaConfig, LmaMachine } from '#proto/lma/index.ts';
import type { MagBindingRow, MagConfig, MagMachine } from '#proto/mag/index.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import type { ClientRequest } from './radius-messages.ts';

/** An LMA of the node. */
interface Anchor {
  readonly config: Pick<LmaConfig, 'addresses'>;
  readonly machine: Pick<LmaMachine, 'snapshot'>;
}

/** A MAG of the node. */
interface Gateway {
  readonly config: Pick<MagConfig, 'name' | 'addresses'>;
  readonly machine: Pick<MagMachine, 'snapshot' | 'obstacleTo'>;
}

export interface ClientRequestScope<Lma extends Anchor, Mag extends Gateway> {
  readonly hostname: string;
  readonly lmas: readonly Lma[];
  readonly mags: readonly Mag[];
  /** The Acct-Session-Id of an LMA's binding. */
  readonly accountingSession: (binding: string) => string;
  /** The Acct-Session-Id of a MAG's session, where its server was told one. */
  readonly gatewaySession: (mag: string, mac: MacAddress) => string | undefined;
  readonly end: (node: Lma | Mag, selection: LmaBindingSelection) => void;
  readonly change: (mag: Mag, mac: MacAddress, change: AuthorizationChange) => void;
  readonly changeAnchored: (lma: Lma, selection: LmaBindingSelection, change: LmaSessionChange) => void;
}

/** A session that a request means. */
type Meant<Lma, Mag> =
  | { readonly lma: Lma; readonly row: LmaBindingRow }
  | { readonly mag: Mag; readonly row: MagBindingRow };

/** Does what a client wants of the sessions that it names. Returns why not. */
export function carryOut<Lma extends Anchor, Mag extends Gateway>(
  { kind, attributes }: ClientRequest,
  scope: ClientRequestScope<Lma, Mag>,
): ErrorCause | undefined {
  if (kind === 'change') return change(attributes, scope);
  const read = SessionRequest.read(attributes);
  if (!read.ok) return read.error;
  const meant = sessionsOf(read.value, scope);
  if (!meant.ok) return meant.error;
  for (const session of meant.value) scope.end('lma' in session ? session.lma : session.mag, selectionOf(session));
  return undefined;
}

/**
 * Chooses: all sessions that are meant are changed, or none. What a profile holds is changed at the MAG, which has it; an LMA's sessions
 * that are meant too, on a node that is both, follow the MAG's messages.
 */
function change<Lma extends Anchor, Mag extends Gateway>(
  attributes: ClientRequest['attributes'],
  scope: ClientRequestScope<Lma, Mag>,
): ErrorCause | undefined {
  const read = readChangeRequest(attributes);
  if (!read.ok) return read.error;
  const { sessions, change: wanted } = read.value;
  const meant = sessionsOf(sessions, scope);
  if (!meant.ok) return meant.error;
  const able = meant.value.filter((session) => ('lma' in session ? isOfTime(wanted) : isOfGateway(wanted)));
  if (able.length === 0) return ErrorCause.UNSUPPORTED_ATTRIBUTE;
  const targets = able.flatMap((session) => {
    const mac = 'mag' in session ? MacAddress.parse(session.row.llid) : undefined;
    return 'mag' in session && mac ? [{ mag: session.mag, mac }] : [];
  });
  for (const { mag, mac } of targets) {
    const obstacle = mag.machine.obstacleTo(mac, wanted);
    if (obstacle) return OBSTACLES[obstacle];
  }
  for (const { mag, mac } of targets) scope.change(mag, mac, wanted);
  for (const session of able) {
    if ('lma' in session) scope.changeAnchored(session.lma, selectionOf(session), timesOf(wanted));
  }
  return undefined;
}

/** A MAG accounts for nothing. */
function isOfGateway({ interimInterval }: AuthorizationChange): boolean {
  return interimInterval === undefined;
}

/** What an LMA can change by itself. */
function isOfTime(wanted: AuthorizationChange): boolean {
  return Object.keys(wanted).length === Object.keys(timesOf(wanted)).length;
}

function timesOf({ sessionTimeout, interimInterval }: AuthorizationChange): LmaSessionChange {
  return {
    ...(sessionTimeout !== undefined && { sessionTimeout }),
    ...(interimInterval !== undefined && { interimInterval }),
  };
}

const OBSTACLES = {
  /** RFC 5176 §3.5 "Error-Cause": "Administratively Prohibited" is sent "if the NAS is configured to prohibit honoring of CoA-Request […] packets for the specified session". */
  configured: ErrorCause.ADMINISTRATIVELY_PROHIBITED,
  'no-lma': ErrorCause.INVALID_ATTRIBUTE_VALUE,
  'no-session': ErrorCause.SESSION_CONTEXT_NOT_FOUND,
} as const;

function sessionsOf<Lma extends Anchor, Mag extends Gateway>(
  request: SessionRequest,
  { hostname, lmas, mags, accountingSession, gatewaySession }: ClientRequestScope<Lma, Mag>,
): Result<Meant<Lma, Mag>[], ErrorCause> {
  const isMeant = ({ config: { addresses } }: Anchor | Gateway) =>
    request.means({ identifier: hostname, addresses: [addresses.ipv6, addresses.ipv4] });
  const [meantLmas, meantMags] = [lmas.filter(isMeant), mags.filter(isMeant)];
  if (meantLmas.length + meantMags.length === 0) return err(ErrorCause.NAS_IDENTIFICATION_MISMATCH);
  const anchored = meantLmas.flatMap((lma) =>
    lma.machine.snapshot(undefined, request.selection).map((row) => ({ lma, row })),
  );
  const attached = meantMags.flatMap((mag) => mag.machine.snapshot().map((row) => ({ mag, row })));
  const named = [
    ...anchored.filter(({ row }) => request.names(anchoredSession(row, accountingSession))),
    ...attached.filter(({ mag, row }) => {
      return row.state !== 'DISCONNECTING' && request.names(attachedSession(mag.config.name, row, gatewaySession));
    }),
  ];
  return named.length === 0 ? err(ErrorCause.SESSION_CONTEXT_NOT_FOUND) : ok(named);
}

function anchoredSession(row: LmaBindingRow, accountingSession: (binding: string) => string): NamedSession {
  return { ...row, accountingSession: accountingSession(row.id), station: row.peer };
}

function attachedSession(
  mag: string,
  row: MagBindingRow,
  sessionOf: (mag: string, mac: MacAddress) => string | undefined,
): NamedSession {
  const mac = MacAddress.parse(row.llid);
  const accountingSession = mac && sessionOf(mag, mac);
  return { ...row, port: row.interface, ...(accountingSession !== undefined && { accountingSession }) };
}

/** That one binding. */
function selectionOf(session: Meant<unknown, unknown>): LmaBindingSelection {
  if ('lma' in session) return { id: session.row.id };
  const mac = MacAddress.parse(session.row.llid);
  return { nai: session.row.nai, ...(mac && { mac }) };
}
