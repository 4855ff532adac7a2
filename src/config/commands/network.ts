import { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Argument } from '../argument.ts';
import { integer, ipv4Address, ipv6Address, name } from '../arguments.ts';
import type { Complaint } from '../command.ts';
import type { LmaConfiguration, NetworkConfiguration } from '../model.ts';
import { ipv4PoolNamed, ipv6PoolNamed, notDefined } from '../references.ts';
import { Rows } from '../rows.ts';

const networkRows = new Rows<NetworkConfiguration, LmaConfiguration>();
const ipv4Pool = name('Name of an IPv4 pool');
const ipv4Length = integer(8, 32, 'Prefix length of the network');
const ipv6Pool = name('Name of an IPv6 pool');
const ipv6Length = integer(1, 128, 'Prefix length of the network');

/** Commands under `network` of an LMA. */
export const networkCommands = [
  networkRows.command({
    syntax: ['pool', 'ipv4', ipv4Pool, 'pfxlen', ipv4Length],
    also: [['pool', 'ipv4', ipv4Pool, 'pxlen', ipv4Length]],
    help: 'Choose the pool of IPv4 home addresses',
    set: (network, pool, prefixLength) => {
      network.ipv4Pool = { pool, prefixLength };
    },
    unset: (network) => {
      delete network.ipv4Pool;
    },
    stored: ({ ipv4Pool: held }) => (held ? [[held.pool, held.prefixLength]] : []),
    review: (_, { configuration }, pool, prefixLength) => {
      const found = ipv4PoolNamed(configuration, pool);
      if (!found) return notDefined(0, `IPv4 pool ${pool} is not defined (ip local pool ${pool} …)`);
      if (new Ipv4Prefix(found.low, prefixLength).contains(found.high)) return undefined;
      return { argument: 1, message: `pool ${pool}, ${found.low} to ${found.high}, does not fit into one such prefix` };
    },
  }),
  networkRows.command({
    syntax: ['pool', 'ipv6', ipv6Pool, 'pfxlen', ipv6Length],
    also: [['pool', 'ipv6', ipv6Pool, 'pxlen', ipv6Length]],
    help: 'Choose the pool of IPv6 home network prefixes',
    set: (network, pool, prefixLength) => {
      network.ipv6Pool = { pool, prefixLength };
    },
    unset: (network) => {
      delete network.ipv6Pool;
    },
    stored: ({ ipv6Pool: held }) => (held ? [[held.pool, held.prefixLength]] : []),
    review: (_, { configuration }, pool, prefixLength) => {
      const found = ipv6PoolNamed(configuration, pool);
      if (!found) return notDefined(0, `IPv6 pool ${pool} is not defined (ipv6 local pool ${pool} …)`);
      if (prefixLength === found.prefix.length || prefixLength === found.assignedLength) return undefined;
      return {
        argument: 1,
        message: `pool ${pool} assigns prefixes of length ${found.assignedLength} out of ${found.prefix}; those lengths hold`,
      };
    },
  }),
  networkRows.field({
    syntax: ['default-router', ipv4Address('Address')],
    help: 'Set the IPv4 gateway of the mobile nodes',
    default: 'the last usable address of the prefix',
    field: 'defaultRouter',
    review: (network, { configuration }, address) => {
      const pool = network.ipv4Pool && ipv4PoolNamed(configuration, network.ipv4Pool.pool);
      if (!network.ipv4Pool) return { message: 'has no effect without pool ipv4' };
      if (!pool) return undefined;
      if (!new Ipv4Prefix(pool.low, network.ipv4Pool.prefixLength).contains(address))
        return { argument: 0, message: `is outside the prefix of pool ${pool.name}` };
      const given = pool.low.word >>> 0 <= address.word >>> 0 && address.word >>> 0 <= pool.high.word >>> 0;
      return given
        ? { argument: 0, message: `is inside pool ${pool.name}; it is never given to a mobile node` }
        : undefined;
    },
  }),
  networkRows.entry({
    syntax: mobileNetwork('pool', ipv4Address('Address in the pool'), 30, 32),
    also: [mobileNetwork('v4pool', ipv4Address('Address in the pool'), 30, 32)],
    help: 'Add a pool of IPv4 networks for mobile routers',
    list: 'ipv4MobileNetworks',
    create: (address, poolLength, networkLength) => ({ address, poolLength, networkLength }),
    values: (pool) => [pool.address, pool.poolLength, pool.networkLength],
    refuse: (_, _address, poolLength, networkLength) => tooShort(poolLength, networkLength),
  }),
  networkRows.entry({
    syntax: mobileNetwork('v6pool', ipv6Address('Address in the pool'), 64, 64),
    also: [mobileNetwork('pool', ipv6Address('Address in the pool'), 64, 64)],
    help: 'Add a pool of IPv6 networks for mobile routers',
    list: 'ipv6MobileNetworks',
    create: (address, poolLength, networkLength) => ({ address, poolLength, networkLength }),
    values: (pool) => [pool.address, pool.poolLength, pool.networkLength],
    refuse: (_, _address, poolLength, networkLength) => tooShort(poolLength, networkLength),
  }),
];

function mobileNetwork<Address>(
  word: string,
  address: Argument<Address>,
  poolLongest: number,
  networkLongest: number,
): readonly [string, string, Argument<Address>, string, Argument<number>, string, Argument<number>] {
  const poolLength = integer(8, poolLongest, 'Prefix length of the pool');
  const networkLength = integer(8, networkLongest, 'Prefix length of each network');
  return ['mobile-network', word, address, 'pool-prefix', poolLength, 'network-prefix', networkLength];
}

function tooShort(poolLength: number, networkLength: number): Complaint | undefined {
  if (networkLength >= poolLength) return undefined;
  return { argument: 2, message: `is shorter than the pool's own prefix length, ${poolLength}` };
}
