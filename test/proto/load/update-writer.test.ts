import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds, utcTime } from '#base/time.ts';
import { Granted } from '#proto/load/granted.ts';
import { type Grant, OPERATIONS, proxyBindingUpdate, SERVICES } from '#proto/load/messages.ts';
import { UpdateWriter } from '#proto/load/update-writer.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AuthenticationSubtype,
  encodeAuthenticated,
  encodeMobilityHeader,
  HMAC_SHA1_SPI,
  type MobilitySecurityAssociation,
} from '#wire/mobility/index.ts';

const CARE_OF = ['2001:db8::15', '::ffff:198.18.1.1'].map((text) => Ipv6Address.parse(text) as Ipv6Address);
const hmac = new HmacSha1(Uint8Array.of(1, 2, 3));
const ASSOCIATIONS: readonly (MobilitySecurityAssociation | undefined)[] = [
  undefined,
  { subtype: AuthenticationSubtype.MN_HA, spi: 0x100, hmac },
  { subtype: AuthenticationSubtype.MN_AAA, spi: HMAC_SHA1_SPI, hmac },
];
/** As long as they are in a population, with one digit to seven. */
const NODES = [0, 9, 10, 37, 99, 100, 4711, 65_535, 65_536, 999_999, 1_048_577];
const REALMS = ['x', 'example.com', `${'long.'.repeat(40)}example`];

/** That of a mobile node, which differs from that of each other. */
function grantOf(node: number, prefixes: number, hasHome: boolean): Grant {
  return {
    prefixes: Array.from(
      { length: prefixes },
      (_, i) => new Ipv6Prefix(new Ipv6Address(0x20010db8, node, i << 24, i === 2 ? node : 0), 64 - i),
    ),
    home: hasHome ? { address: new Ipv4Address(0x0a000000 + node), prefixLength: 8 + (node % 25) } : undefined,
  };
}

function granted({ prefixes, home }: Grant): Granted {
  const all = new Granted();
  if (home) all.setHome(home.address.word, home.prefixLength);
  for (const prefix of prefixes) all.addPrefix(prefix);
  return all;
}

const combinations = SERVICES.flatMap((service) =>
  [false, true].flatMap((timestamps) =>
    ASSOCIATIONS.flatMap((authentication) => REALMS.map((realm) => ({ service, timestamps, authentication, realm }))),
  ),
);

describe('the updates that are written into templates', () => {
  it.each(combinations)('are those of the encoder: %o', ({ authentication, ...how }) => {
    const config = { ...how, lifetime: seconds(3600), ...(authentication && { authentication }) };
    const writer = new UpdateWriter(config);
    let count = 0;
    for (const node of NODES)
      for (const operation of OPERATIONS)
        for (const prefixes of [0, 1, 3, 16])
          for (const hasHome of [false, true])
            for (const careOfAddress of CARE_OF) {
              const sequence = (node * 257 + count++) & 0xffff;
              const utc = utcTime(1_700_000_000_000 + node * 1e6 + count / 7);
              const grant = grantOf(node, prefixes, hasHome);
              const written = writer.write({ node, operation, sequence, utc, granted: granted(grant), careOfAddress });
              const message = proxyBindingUpdate({
                ...{ ...config, node, operation, grant, sequence },
                ...(how.timestamps && { utc }),
              });
              const expected = authentication
                ? encodeAuthenticated(message, [authentication], careOfAddress)
                : encodeMobilityHeader(message);
              if (Buffer.compare(written, expected) !== 0) expect(written).toEqual(expected);
            }
    expect(count).toBe(NODES.length * OPERATIONS.length * 4 * 2 * CARE_OF.length);
  });
});
