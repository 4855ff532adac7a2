/** Customers whose addresses may be equal: what is checked of them, and how the kernel is told whose a packet is. */
import { DataPlaneError } from './dataplane.ts';
import type { Customer, NodeForwarding } from './desired.ts';

/** With the number of a customer it is the mark of its packets, in the node and nowhere else; `CUSTOMER_MARKS` in `bpf/customer.h`. */
const MARKS = 0x6d130000;
const HIGHEST_NUMBER = 0xffff;

/** 0 for the node itself. */
export function markOfCustomer(number: number): number {
  return number === 0 ? 0 : MARKS | number;
}

/** Throws `DataPlaneError` when no data plane can keep the customers of the node apart. */
export function requireCustomers({ customers = [] }: NodeForwarding): void {
  const numbers = new Set<number>();
  const tables = new Set<number>();
  for (const { number, table } of customers) {
    const problem =
      !Number.isInteger(number) || number < 1 || number > HIGHEST_NUMBER
        ? `customer ${number}: numbers are from 1 to ${HIGHEST_NUMBER}`
        : numbers.has(number)
          ? `customer ${number} is there twice`
          : tables.has(table)
            ? `routing table ${table} is that of two customers`
            : undefined;
    if (problem) throw new DataPlaneError('system', problem);
    numbers.add(number);
    tables.add(table);
  }
}

/** `undefined` for the node itself, and for one that it does not have. */
export function customerOf({ customers }: NodeForwarding, number: number): Customer | undefined {
  return customers?.find((customer) => customer.number === number);
}
