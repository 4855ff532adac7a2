import { type Static, Type } from 'typebox';
import { closed, count, macText, nameText, nullable, role, traffic } from './members.ts';

const pathState = nullable(
  Type.String({ description: 'State of the path to the peer, as heartbeats show it; null when it is not watched' }),
);
const seconds = (description: string) => Type.Number({ minimum: 0, description: `${description}, in seconds` });
const transport = Type.Union([Type.Literal('ipv6'), Type.Literal('ipv4-udp')], {
  description: 'How the peer is spoken to',
});

const common = {
  id: Type.String({
    description: 'Names this binding at this node',
    examples: ['lma:LMA1/17', 'mag:M1/00:24:d7:8e:21:a4'],
  }),
  node: Type.String({ description: 'The LMA or MAG' }),
  domain: Type.String({ description: 'The PMIPv6 domain' }),
  nai: Type.String({ description: 'Network access identifier: the name of the mobile node' }),
  state: Type.String({ description: 'State of the binding' }),
  llid: Type.String({ description: 'Link-layer address of the mobile node; empty when the gateway named none' }),
  att: Type.Integer({ description: 'Access technology type; 4 is IEEE 802.11' }),
  apn: nullable(Type.String({ description: 'Access point name' })),
  hoa: nullable(Type.String({ description: 'IPv4 home address' })),
  hoaPrefixLength: count('Length of its prefix'),
  defaultRouter: nullable(Type.String({ description: 'Default router of the IPv4 home address' })),
  hnps: Type.Array(Type.String(), { description: 'IPv6 home network prefixes' }),
  lifetime: seconds('Granted lifetime'),
  lifetimeRemaining: seconds('What is left of it'),
};

const careOf = closed({
  peer: Type.String(),
  address: Type.String({ description: 'Proxy care-of address: of the gateway' }),
  local: Type.String({ description: 'Address of the anchor' }),
  transport,
  encapsulation: Type.String({ examples: ['GRE in IPV4'] }),
  greKeyUpstream: count('0 without a key'),
  greKeyDownstream: count('0 without a key'),
  path: pathState,
});

const lmaMembers = {
  ...common,
  role: Type.Literal('lma'),
  customer: count('Number of the customer; 0 is the node itself'),
  peer: Type.String({ description: 'The gateway: its name, or its address when it was learnt' }),
  registeredAt: Type.Number({ description: 'Of the registration at this gateway: milliseconds since 1970, UTC' }),
  careOfAddresses: Type.Array(careOf),
};

const magMembers = {
  ...common,
  role: Type.Literal('mag'),
  interface: Type.String({ description: 'Access interface' }),
  lma: Type.String({ description: 'The anchor' }),
  lmaAddress: Type.String(),
  path: pathState,
  refreshRemaining: seconds('Until the binding is extended'),
  encapsulation: nullable(Type.String()),
  transport,
  greKeyUpstream: count('0 without a key'),
  greKeyDownstream: count('0 without a key'),
};

export const binding = Type.Union([closed(lmaMembers), closed(magMembers)]);

const carried = Type.Union([traffic, Type.Null()], { description: 'null while nothing is forwarded for it' });

export const bindingDetail = Type.Union([
  closed({ ...lmaMembers, traffic: carried }),
  closed({ ...magMembers, traffic: carried }),
]);

export const PAGE_MAXIMUM = 500;

export const SORTS = ['nai', 'mac', 'address', 'peer', 'customer', 'registered'] as const;

export const bindingQuery = closed({
  role: Type.Optional(role),
  node: Type.Optional(nameText('Only of this LMA or MAG')),
  nai: Type.Optional(nameText('Only of the mobile node of this name')),
  mac: Type.Optional(macText('Only of this link-layer address')),
  address: Type.Optional(nameText('Only with this home address, or with a prefix that has this address')),
  mag: Type.Optional(nameText('Only at this gateway: its name or address')),
  customer: Type.Optional(nameText('Only of this customer')),
  q: Type.Optional(nameText('Only those that have this text in a name or an address')),
  sort: Type.Optional(Type.Enum([...SORTS], { default: 'nai' })),
  order: Type.Optional(Type.Enum(['asc', 'desc'], { default: 'asc' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAXIMUM, default: 100 })),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10_000_000,
      default: 0,
      description: 'So many are left out first, for who jumps into the middle; who reads all of them uses cursor',
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'nextCursor of the page before, with the same filter and order',
    }),
  ),
});

export type BindingQuery = Static<typeof bindingQuery>;

export const bindingPage = closed({
  items: Type.Array(binding),
  total: count('Bindings that the filter lets through'),
  nextCursor: nullable(Type.String({ description: 'Of the next page; null on the last one' })),
});
