/** What must hold of packets that FreeRADIUS's tools made. */
import { expect } from 'vitest';
import { fromHex } from '#base/bytes.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { checkMessageAuthenticator, checkRadiusAuthenticator, hideUserPassword } from '#wire/radius/authenticators.ts';
import type { RadiusAttributeType, RadiusValue } from '#wire/radius/dictionary.ts';
import { decodeRadius, encodeRadius, findRadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';
import { type RadiusVector, VECTOR_SECRET } from '../../tools/radius/free-radius-vectors.ts';
import { decodedValue } from './vector.ts';

const SECRET = new TextEncoder().encode(VECTOR_SECRET);
const USER_PASSWORD = 2;
const CODES: Readonly<Record<RadiusVector['command'], number>> = {
  auth: RadiusCode.ACCESS_REQUEST,
  acct: RadiusCode.ACCOUNTING_REQUEST,
  coa: RadiusCode.COA_REQUEST,
  disconnect: RadiusCode.DISCONNECT_REQUEST,
};

export function packetOf({ octets }: RadiusVector): RadiusPacket {
  return decodedValue(decodeRadius(fromHex(octets) as Uint8Array));
}

/** The attributes of a packet in their order, with names and values, and nothing that is made of the secret. */
export function readableAttributes({ attributes }: RadiusPacket): string[] {
  return attributes
    .map((each) => ({ name: DICTIONARY.typeOf(each)?.name, value: DICTIONARY.value(each) }))
    .filter(({ name }) => name !== 'User-Password' && name !== 'Message-Authenticator')
    .map(
      ({ name, value }) =>
        `${name} = ${value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : value}`,
    );
}

/** The same attributes as people write them for radclient, in the form of `readableAttributes`. */
export function wantedAttributes({ attributes }: RadiusVector): string[] {
  return attributes
    .filter((line) => !/^(User-Password|Message-Authenticator) /.test(line))
    .map((line) => {
      const [, name, text] = /^(\S+) = "?(.*?)"?$/.exec(line) as unknown as [string, string, string];
      const type = DICTIONARY.type(name);
      const number = [...(type?.names ?? [])].find(([, value]) => value === text || `${value}-User` === text)?.[0];
      if (number !== undefined) return `${name} = ${number}`;
      if (type?.dataType === 'integer64') return `${name} = ${BigInt(text)}`;
      if (type?.dataType === 'ifid') return `${name} = 0x${text.replaceAll(':', '')}`;
      return `${name} = ${text}`;
    });
}

/** The packet is what radclient was told, we write it octet for octet as it did, and its authenticators are those of the secret. */
export function checkVector(vector: RadiusVector): void {
  const octets = fromHex(vector.octets) as Uint8Array;
  const packet = packetOf(vector);
  expect(packet.code).toBe(CODES[vector.command]);
  expect(encodeRadius(packet)).toEqual(octets);
  expect(readableAttributes(packet).toSorted()).toEqual(wantedAttributes(vector).toSorted());
  for (const attribute of packet.attributes.filter(({ type }) => type !== USER_PASSWORD)) {
    const { name, dataType } = DICTIONARY.typeOf(attribute) as RadiusAttributeType;
    const written = DICTIONARY.attribute(name, DICTIONARY.value(attribute) as RadiusValue);
    // RFC 3162 §2.3 "Framed-IPv6-Prefix" has the prefix "up to 16 octets in length": FreeRADIUS sends all of them, we those that are not beyond its length.
    if (dataType !== 'ipv6prefix') expect(written, name).toEqual(attribute);
    else
      expect(Buffer.concat([written.value, new Uint8Array(16)]).subarray(0, 18)).toEqual(Buffer.from(attribute.value));
  }
  const isAccess = vector.command === 'auth';
  if (!isAccess) expect(checkRadiusAuthenticator(octets, SECRET)).toBe(true);
  const signed = checkMessageAuthenticator(octets, SECRET, isAccess ? packet.authenticator : new Uint8Array(16));
  expect(signed).toBe(vector.attributes.some((line) => line.startsWith('Message-Authenticator')) ? true : undefined);
  const hidden = findRadiusAttribute(packet, USER_PASSWORD);
  if (hidden) expect(hideUserPassword(new TextEncoder().encode('cisco'), packet.authenticator, SECRET)).toEqual(hidden);
}
