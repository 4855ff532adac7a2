import { MacAddress } from '#base/mac-address.ts';
import { err, ok, type Result } from '#base/result.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { DICTIONARY } from './attributes.ts';
import { readHardwareAddress } from './calling-station.ts';

/** What an access point or a controller says of a station, or of itself. */
export type AccountingReport = StationReport | NasReport;

export interface StationReport extends Nas {
  readonly status: 'start' | 'interim' | 'stop';
  readonly mac: MacAddress;
  /** What the station proved itself to be: the User-Name, where it is a network access identifier of one user. */
  readonly nai?: string;
  readonly session: string;
  /** Seconds for which the client has tried to say it. */
  readonly delay: number;
  readonly calledStation?: string;
  readonly port?: number;
  readonly portId?: string;
}

/** It begins or ends to account: none of the stations that it told of is there. */
export interface NasReport extends Nas {
  readonly status: 'restarted';
}

interface Nas {
  /** Names the one that says it among those behind one client: NAS-Identifier, or its address. */
  readonly nas: string;
}

/** Why a request says nothing of a station. `without-station`: its Calling-Station-Id has no hardware address. `other`: nothing that is a beginning, an end or a sign of life. */
export type NoReport = 'without-station' | 'other';

const STATUS: Readonly<Record<number, StationReport['status'] | 'restarted'>> = {
  1: 'start',
  2: 'stop',
  3: 'interim',
  7: 'restarted',
  8: 'restarted',
};

/** RFC 2866 §5.1 "Acct-Status-Type" says what an Accounting-Request marks. */
export function readAccountingReport(attributes: readonly RadiusAttribute[]): Result<AccountingReport, NoReport> {
  const text = (name: string) => textOf(attributes, name);
  const number = (name: string) => DICTIONARY.find({ attributes }, name) as number | undefined;
  const status = STATUS[number('Acct-Status-Type') ?? 0];
  if (!status) return err('other');
  const nas = text('NAS-Identifier') ?? text('NAS-IP-Address') ?? text('NAS-IPv6-Address') ?? '';
  if (status === 'restarted') return ok({ status, nas });
  const mac = MacAddress.parse(readHardwareAddress(text('Calling-Station-Id') ?? '') ?? '');
  if (!mac || mac.isMulticast) return err('without-station');
  const nai = provedNai(text('User-Name'));
  const calledStation = text('Called-Station-Id');
  const port = number('NAS-Port');
  const portId = text('NAS-Port-Id');
  return ok({
    status,
    nas,
    mac,
    ...(nai !== undefined && { nai }),
    session: text('Acct-Session-Id') ?? '',
    delay: number('Acct-Delay-Time') ?? 0,
    ...(calledStation !== undefined && { calledStation }),
    ...(port !== undefined && { port }),
    ...(portId !== undefined && { portId }),
  });
}

/** Stations behind `client` are behind this interface where everything that is said holds. */
export interface InterfaceRule {
  /** The IOS name. */
  readonly interface: string;
  readonly port?: number;
  /** The Called-Station-Id, the address of the access point that it begins with, or the SSID that follows that. */
  readonly calledStation?: string;
}

/**
 * The IOS name of the access interface that a station is behind, of those with the given IOS and Linux names: the first rule that holds says it; without one, a NAS-Port-Id that names
 * one; or the only one there is. `undefined`: none of these.
 */
export function interfaceOf(
  report: StationReport,
  rules: readonly InterfaceRule[],
  interfaces: readonly { readonly name: string; readonly linkName: string }[],
): string | undefined {
  const rule = rules.find(
    ({ port, calledStation }) =>
      (port === undefined || port === report.port) &&
      (calledStation === undefined || isCalled(calledStation, report.calledStation)),
  );
  if (rule) return interfaces.find(({ name }) => name === rule.interface)?.name;
  const { portId } = report;
  const named = interfaces.find((one) => one.linkName === portId || one.name.toLowerCase() === portId?.toLowerCase());
  if (named) return named.name;
  return interfaces.length === 1 ? interfaces[0]?.name : undefined;
}

/** RFC 3580 has `00-10-A4-23-19-C0:SSID` in a Called-Station-Id. */
function isCalled(wanted: string, called: string | undefined): boolean {
  if (called === undefined) return false;
  const address = readHardwareAddress(wanted);
  if (address !== undefined && address === readHardwareAddress(called)) return true;
  const [, ssid] = /^(?:[0-9a-f]{2}[-:.]?){5}[0-9a-f]{2}:(.*)$/is.exec(called) ?? [];
  return called === wanted || ssid === wanted;
}

/**
 * Chooses: what has no realm names no node beyond the access point, and `anonymous` before the realm no single one. RFC 7542 §2.4 "Support for Username Privacy": "NAIs MAY be provided in an abbreviated form by omitting the
 * username part"; "current practice is to use the username "anonymous" instead".
 */
function provedNai(name: string | undefined): string | undefined {
  const [, user] = /^([^@\s\p{Cc}]+)@[^@\s\p{Cc}]+$/u.exec(name ?? '') ?? [];
  return user === undefined || user.toLowerCase() === 'anonymous' ? undefined : name;
}

function textOf(attributes: readonly RadiusAttribute[], name: string): string | undefined {
  const value = DICTIONARY.find({ attributes }, name);
  return value === undefined ? undefined : String(value);
}
