import { ipv4Address, ipv6Address, name } from '../arguments.ts';
import { optional } from '../command.ts';
import type { CustomerConfiguration, LocalLoopConfiguration, TransportConfiguration } from '../model.ts';
import { vrfComplaint } from '../references.ts';
import { Rows } from '../rows.ts';
import { authenticationCommand, heartbeatCommand } from './shared.ts';

const NAME_LIMIT = 32;

/** Commands under `mobility-service mobile-local-loop` of an LMA. */
export const localLoopCommands = [
  new Rows<LocalLoopConfiguration>().entry({
    syntax: ['customer', name('Name of the customer', NAME_LIMIT), 'vrf', name('Name of its VRF', NAME_LIMIT)],
    help: 'Describe a customer',
    list: 'customers',
    create: (customer, vrf) => ({ name: customer, vrf, networkUnauthorized: false, transports: [] }),
    values: (customer) => [customer.name, customer.vrf],
    opens: 'lma-customer',
    refuse: ({ customers }, customer, vrf) => {
      const held = customers.find((each) => each.name === customer);
      if (!held || held.vrf === vrf) return undefined;
      return { argument: 1, message: `${customer} is in VRF ${held.vrf}; remove it there first` };
    },
    review: (_, { configuration }, _customer, vrf) => vrfComplaint(configuration, vrf, 1),
  }),
];

const customerRows = new Rows<CustomerConfiguration>();

export const customerCommands = [
  authenticationCommand(),
  heartbeatCommand(),
  customerRows.flag({
    syntax: ['network', 'unauthorized'],
    help: 'Serve mobile networks that nobody authorised',
    field: 'networkUnauthorized',
  }),
  customerRows.entry({
    syntax: ['transport', optional('vrf', name('Name of a VRF', NAME_LIMIT))],
    help: "Set the LMA's addresses for the customer, in a VRF or in the global table",
    list: 'transports',
    create: (vrf) => (vrf === undefined ? {} : { vrf }),
    values: ({ vrf }) => (vrf === undefined ? [] : [vrf]),
    opens: 'lma-customer-transport',
    review: (_, { configuration }, vrf) => (vrf === undefined ? undefined : vrfComplaint(configuration, vrf, 0)),
  }),
];

const transportRows = new Rows<TransportConfiguration>();

export const transportCommands = [
  transportRows.field({
    syntax: ['address', 'ipv4', ipv4Address('Address')],
    help: 'Set the IPv4 address of the LMA',
    field: 'ipv4Address',
  }),
  transportRows.field({
    syntax: ['address', 'ipv6', ipv6Address('Address')],
    help: 'Set the IPv6 address of the LMA',
    field: 'ipv6Address',
  }),
];
