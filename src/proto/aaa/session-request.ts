import { type IpAddress, parseIpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { err, ok, type Result } from '#base/result.ts';
import type { RadiusValue } from '#wire/radius/dictionary.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { DICTIONARY } from './attributes.ts';
import { readHardwareAddress } from './calling-station.ts';

/** What a session is to whom RADIUS tells of it; texts as in `show`. */
export interface NamedSession {
  readonly nai: string;
  /** The link-layer address, in any form; empty where it is not known. */
  readonly llid: string;
  readonly hoa: string | null;
  readonly hnps: readonly string[];
  /** As in accounting. */
  readonly accountingSession?: string;
  /** Called-Station-Id of an LMA's accounting: the MAG. */
  readonly station?: string;
  /** NAS-Port-Id of a MAG's Access-Requests: the interface. */
  readonly port?: string;
}

/** Whom a request must mean. */
export interface NasIdentity {
  readonly identifier: string;
  readonly addresses: readonly (IpAddress | undefined)[];
}

interface Named {
  readonly name: string;
  readonly value: RadiusValue;
}

/** Which sessions of which node a Disconnect-Request or a CoA-Request means: everything that is said must hold. */
export class SessionRequest {
  readonly #nas: readonly Named[];
  readonly #session: readonly Named[];

  private constructor(nas: readonly Named[], session: readonly Named[]) {
    this.#nas = nas;
    this.#session = session;
  }

  /** What is wrong with a request is the Error-Cause of the answer. `isOther`: attributes that name nothing, and are allowed. */
  static read(
    attributes: readonly RadiusAttribute[],
    isOther: (attribute: RadiusAttribute, name: string) => boolean = isMeaningless,
  ): Result<SessionRequest, ErrorCause> {
    const nas: Named[] = [];
    const session: Named[] = [];
    for (const attribute of attributes) {
      const name = DICTIONARY.typeOf(attribute)?.name ?? '';
      if (isOther(attribute, name)) continue;
      const list = Object.hasOwn(NAS, name) ? nas : Object.hasOwn(SESSION, name) ? session : undefined;
      // RFC 5176 §3 "Attributes": "A Disconnect-Request MUST contain only NAS and session identification attributes. If other attributes are included in a Disconnect-
      // Request, implementations MUST send a Disconnect-NAK; an Error-Cause Attribute with value "Unsupported Attribute" MAY be included."
      if (!list) return err(ErrorCause.UNSUPPORTED_ATTRIBUTE);
      const value = DICTIONARY.value(attribute);
      // RFC 5176 §3.5 "Error-Cause": "Invalid Request" is sent "if one or more attributes […] are not formatted properly".
      if (value === undefined) return err(ErrorCause.INVALID_REQUEST);
      list.push({ name, value });
    }
    // RFC 5176 §3.5: "Missing Attribute" is "sent if critical attributes (such as NAS or session identification attributes) are missing from a Request".
    return session.length === 0 ? err(ErrorCause.MISSING_ATTRIBUTE) : ok(new SessionRequest(nas, session));
  }

  /** RFC 5176 §3.5: "NAS Identification Mismatch" where it does not mean this node. */
  means(nas: NasIdentity): boolean {
    return this.#nas.every(({ name, value }) => NAS[name]?.(value, nas));
  }

  /** What each session has that it may name, as far as that is cheap to look for. */
  get selection(): { readonly nai?: string; readonly mac?: MacAddress } {
    const nai = this.#session.find(
      ({ name, value }) => name === 'Mobile-Node-Identifier' || (name === 'User-Name' && String(value).includes('@')),
    );
    const station = this.#session.find(({ name }) => name === 'Calling-Station-Id');
    const mac = station && MacAddress.parse(readHardwareAddress(String(station.value)) ?? '');
    return { ...(nai && { nai: String(nai.value) }), ...(mac && { mac }) };
  }

  /**
   * RFC 5176 §3: "If all NAS identification attributes match, and more than one session matches all of the session identification attributes, then a CoA-Request or
   * Disconnect-Request MUST apply to all matching sessions."
   */
  names(session: NamedSession): boolean {
    return this.#session.every(({ name, value }) => SESSION[name]?.(value, session));
  }
}

/** Attributes that say nothing of what a request means. */
export function isMeaningless(_: RadiusAttribute, name: string): boolean {
  return WITHOUT_MEANING.has(name);
}

const WITHOUT_MEANING = new Set(['Event-Timestamp', 'Message-Authenticator', 'Proxy-State', 'Acct-Terminate-Cause']);

const isAddress = (value: RadiusValue, { addresses }: NasIdentity) =>
  addresses.some((address) => sameAddress(address, value as IpAddress));

const NAS: Readonly<Record<string, (value: RadiusValue, nas: NasIdentity) => boolean>> = {
  'NAS-IP-Address': isAddress,
  'NAS-IPv6-Address': isAddress,
  'NAS-Identifier': (value, { identifier }) => value === identifier,
};

const SESSION: Readonly<Record<string, (value: RadiusValue, session: NamedSession) => boolean>> = {
  // An Access-Request has the link-layer address for a user name, accounting the NAI.
  'User-Name': (value, session) =>
    value === session.nai || (!String(value).includes('@') && isLinkLayer(value, session)),
  'Mobile-Node-Identifier': (value, { nai }) => value === nai,
  'Calling-Station-Id': isLinkLayer,
  'Called-Station-Id': (value, { station }) => value === station,
  'NAS-Port-Id': (value, { port }) => value === port,
  'Acct-Session-Id': (value, { accountingSession }) => value === accountingSession,
  'Framed-IP-Address': (value, { hoa }) => hoa !== null && sameAddress(parseIpAddress(hoa), value as IpAddress),
  'Framed-IPv6-Prefix': (value, { hnps }) =>
    hnps.some((hnp) => String(Ipv6Prefix.parse(hnp)) === String(value as Ipv6Prefix)),
};

function isLinkLayer(value: RadiusValue, { llid }: NamedSession): boolean {
  const address = readHardwareAddress(String(value));
  return address !== undefined && address === readHardwareAddress(llid);
}
