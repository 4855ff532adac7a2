import fc from 'fast-check';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { AccessListConfiguration, AccessListRule } from '#config/index.ts';
import { ipv4, name, number, partial, record } from './arbitrary-values.ts';

const endpoint = fc.oneof(
  record({ address: ipv4, wildcard: ipv4 }),
  fc.constant({ address: new Ipv4Address(0), wildcard: new Ipv4Address(-1) }),
);
const ports = fc
  .tuple(number(0, 65_535), number(0, 65_535), fc.boolean())
  .map(([a, b, except]) => ({ low: Math.min(a, b), high: except ? Math.min(a, b) : Math.max(a, b), except }));
const common = {
  sequence: fc.oneof(fc.constantFrom(10, 20, 30), number(1, 0x7fff_ffff)),
  action: fc.constantFrom('permit', 'deny'),
  source: endpoint,
  destination: endpoint,
  log: fc.boolean(),
};
const rule = fc.oneof(
  record({
    ...common,
    protocol: fc.oneof(fc.constantFrom('ip', 6, 17, 47), number(0, 255)),
    established: fc.constant(false),
  }),
  partial(
    { ...common, protocol: fc.constantFrom(6), sourcePorts: ports, destinationPorts: ports, established: fc.boolean() },
    ['sourcePorts', 'destinationPorts'],
  ),
) as unknown as fc.Arbitrary<AccessListRule>;

export const arbitraryAccessList: fc.Arbitrary<AccessListConfiguration> = fc
  .tuple(name, fc.uniqueArray(rule, { selector: ({ sequence }) => sequence, maxLength: 4 }))
  .map(([list, rules]) => ({ name: list, rules: rules.sort((a, b) => a.sequence - b.sequence) }));
