import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { instant, seconds, utcTime } from '#base/time.ts';
import {
  type AccountedBinding,
  AccountingLedger,
  type AccountingRecord,
  delayedAttributes,
  type Usage,
} from '#proto/aaa/accounting.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { TerminateCause } from '#proto/aaa/terminate-cause.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

const EPOCH = 1_800_000_000_000;
const at = (second: number) => ({ instant: instant(second * 1000), utc: utcTime(EPOCH + second * 1000) });
const style = {
  nasAddress: Ipv4Address.parse('10.8.24.101') as Ipv4Address,
  nasIdentifier: 'lma',
  serviceType: false,
  framedAddress: false,
  nasIdentifierInAccess: false,
  nasIdentifierInAccounting: true,
  accountingSessionInAccess: false,
  eventTimestampInAccess: false,
  eventTimestampInAccounting: true,
  hardwareAddress: { style: 'default' },
  hardwareAddressOnly: true,
  vendorSpecificInAccess: false,
  vendorSpecificInAccounting: false,
} as const;
const binding: AccountedBinding = {
  id: 'lma1/1',
  nai: 'mn0@example.com',
  callingStation: '0024.d78e.21a4',
  homeAddress: Ipv4Address.parse('192.0.2.1') as Ipv4Address,
  prefixes: [Ipv6Prefix.parse('2001:db8:f00d:1::/64') as Ipv6Prefix],
  mag: 'M1',
  lmaAddress: Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address,
  accessTechnology: 4,
  service: 'example.com',
  forwarding: true,
};

const texts = (attributes: readonly RadiusAttribute[]): Record<string, string> =>
  Object.fromEntries(
    attributes.map((each) => [DICTIONARY.typeOf(each)?.name ?? each.type, `${DICTIONARY.value(each)}`]),
  );

class Books {
  usage: Usage = { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 };
  readonly ledger: AccountingLedger;

  constructor(interimInterval?: number) {
    const config = { style, ...(interimInterval !== undefined && { interimInterval: seconds(interimInterval) }) };
    this.ledger = new AccountingLedger(config, 'run', () => this.usage);
  }

  records(): Record<string, string>[] {
    return this.ledger.drain().map(({ attributes }) => texts(attributes));
  }
}

describe('the accounting of an LMA', () => {
  it('[RFC 6572 §7.1] begins with the binding, and says who, where and what', () => {
    const books = new Books();
    books.ledger.binding(binding, at(0));
    expect(books.records()).toEqual([
      {
        'Acct-Status-Type': '1',
        'Acct-Session-Id': 'run-lma1/1',
        'User-Name': 'mn0@example.com',
        'Mobile-Node-Identifier': 'mn0@example.com',
        'Calling-Station-Id': '0024.d78e.21a4',
        'Called-Station-Id': 'M1',
        'NAS-Port-Type': '19',
        'NAS-IP-Address': '10.8.24.101',
        'NAS-Identifier': 'lma',
        'Event-Timestamp': '1800000000',
        'PMIP6-Home-LMA-IPv6-Address': '2001:db8:cafe:1024::101',
        'Framed-IP-Address': '192.0.2.1',
        'PMIP6-Home-IPv4-HoA': '192.0.2.1/32',
        'Framed-IPv6-Prefix': '2001:db8:f00d:1::/64',
        'PMIP6-Home-HN-Prefix': '2001:db8:f00d:1::/64',
        'Service-Selection': 'example.com',
      },
    ]);
  });

  it('[RFC 2869 §5.1] counts beyond 32 bits, and ends with a cause', () => {
    const books = new Books();
    books.ledger.binding(binding, at(0));
    books.records();
    books.usage = { upPackets: 7, upOctets: 3 * 2 ** 32 + 5, downPackets: 9, downOctets: 2 ** 32 };
    books.ledger.ended('lma1/1', TerminateCause.USER_REQUEST, at(90));
    expect(books.records()).toMatchObject([
      {
        'Acct-Status-Type': '2',
        'Acct-Session-Time': '90',
        'Acct-Input-Octets': '5',
        'Acct-Input-Gigawords': '3',
        'Acct-Output-Octets': '0',
        'Acct-Output-Gigawords': '1',
        'Acct-Input-Packets': '7',
        'Acct-Output-Packets': '9',
        'Acct-Terminate-Cause': '1',
      },
    ]);
    expect(books.ledger.size).toBe(0);
  });

  it('is one session over a handover, which an Interim-Update tells', () => {
    const books = new Books();
    books.ledger.binding(binding, at(0));
    books.ledger.binding(binding, at(5));
    books.ledger.binding({ ...binding, mag: 'M2' }, at(10));
    books.ledger.ended('lma1/1', TerminateCause.USER_REQUEST, at(20));
    const records = books.records();
    expect(records.map((each) => each['Acct-Status-Type'])).toEqual(['1', '3', '2']);
    expect(records.map((each) => each['Called-Station-Id'])).toEqual(['M1', 'M2', 'M2']);
    expect(new Set(records.map((each) => each['Acct-Session-Id'])).size).toBe(1);
  });

  it('adds up what was forwarded before and after a binding that waited to be deleted', () => {
    const books = new Books();
    books.ledger.binding(binding, at(0));
    books.usage = { upPackets: 3, upOctets: 300, downPackets: 0, downOctets: 0 };
    books.ledger.binding({ ...binding, forwarding: false }, at(10));
    books.usage = { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 };
    books.ledger.binding({ ...binding, mag: 'M2' }, at(11));
    books.usage = { upPackets: 2, upOctets: 200, downPackets: 0, downOctets: 0 };
    books.records();
    books.ledger.ended('lma1/1', TerminateCause.LOST_SERVICE, at(20));
    expect(books.records()).toMatchObject([{ 'Acct-Input-Packets': '5', 'Acct-Input-Octets': '500' }]);
  });

  it('sends interim records at the interval, from the last record on', () => {
    const books = new Books(60);
    books.ledger.binding(binding, at(0));
    books.ledger.binding({ ...binding, mag: 'M2' }, at(30));
    books.records();
    expect(books.ledger.nextTimeout()).toBe(at(90).instant);
    books.ledger.expire(at(90));
    expect(books.records()).toMatchObject([{ 'Acct-Status-Type': '3', 'Acct-Session-Time': '90' }]);
    books.ledger.ended('lma1/1', 1, at(100));
    expect(books.ledger.nextTimeout()).toBeUndefined();
  });

  it('tells of the start and the end of the node, which ends its sessions', () => {
    const books = new Books();
    books.ledger.nodeStarts(at(0));
    books.ledger.binding(binding, at(1));
    books.ledger.nodeEnds(at(2));
    const records = books.records();
    expect(records.map((each) => each['Acct-Status-Type'])).toEqual(['7', '1', '2', '8']);
    expect(records[2]).toMatchObject({ 'Acct-Terminate-Cause': '7' });
  });

  it('[RFC 2866 §5.2] says how long a record waited', () => {
    const record: AccountingRecord = { session: 's', at: at(0).utc, attributes: [] };
    expect(delayedAttributes(record, at(0).utc)).toEqual([]);
    expect(texts(delayedAttributes(record, at(61).utc))).toEqual({ 'Acct-Delay-Time': '61' });
  });
});
