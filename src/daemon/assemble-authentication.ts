import type { AuthenticationOption, DomainConfiguration } from '#config/index.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import { AuthenticationSubtype } from '#wire/mobility/index.ts';
import type { Report } from './assemble-report.ts';

/** What `auth-option` says, for the MN-HA option; reported when its key is none. */
export function associationOf(
  where: string,
  held: AuthenticationOption | undefined,
  report: Report,
): MobilitySecurityAssociation | undefined {
  if (!held) return undefined;
  const key = held.key.format === 'hex' ? fromHexadecimal(held.key.text) : new TextEncoder().encode(held.key.text);
  if (!key)
    return report(`${where}: the key of auth-option is not hexadecimal; write "key ascii" or hexadecimal digits`);
  return { subtype: AuthenticationSubtype.MN_HA, spi: held.spi, hmac: new HmacSha1(key) };
}

/** Of every LMA and MAG of the domain that says nothing else. */
export function domainAssociation(
  { name, authentication }: DomainConfiguration,
  report: Report,
): MobilitySecurityAssociation | undefined {
  return associationOf(`ipv6 mobile pmipv6-domain ${name}`, authentication, report);
}

/** Chooses: an odd number of digits, as the IOS guides have it, is read as a number, so that the first octet has one digit. */
function fromHexadecimal(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]+$/i.test(text)) return undefined;
  const digits = text.padStart(text.length + (text.length % 2), '0');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
