import { fromHex, toHex } from '#base/bytes.ts';
import { parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { ClockReading, Duration, Instant } from '#base/time.ts';
import { after, inSeconds, milliseconds, seconds, utcTime } from '#base/time.ts';
import type { Binding, CareOfAddress, HomeAddress } from './binding.ts';
import type { BindingRecord } from './record.ts';

export function recordOf(binding: Binding, now: ClockReading): BindingRecord {
  const { homeAddress, linkLocalAddress, timestamp, mobileNode } = binding;
  return {
    id: binding.id,
    nai: mobileNode.name,
    identifier: { subtype: mobileNode.subtype, octets: toHex(mobileNode.identifier) },
    state: binding.state,
    customer: binding.customer,
    linkLayerIdentifier: binding.interface.linkLayerIdentifier,
    accessTechnology: binding.interface.accessTechnology,
    careOfAddresses: binding.careOfAddresses.map(({ address, local, port, encapsulation }) => ({
      address: `${address}`,
      local: `${local}`,
      ...(port !== undefined && { port }),
      encapsulation,
    })),
    ...(homeAddress && {
      homeAddress: {
        address: `${homeAddress.address}`,
        prefixLength: homeAddress.prefixLength,
        defaultRouter: `${homeAddress.defaultRouter}`,
      },
    }),
    prefixes: binding.prefixes.map(String),
    ...(linkLocalAddress && { linkLocalAddress: `${linkLocalAddress}` }),
    lifetimeSeconds: inSeconds(binding.lifetime),
    expiresAtUtcMs: now.utc + (binding.endsAt - now.instant),
    grantedUntilUtcMs: now.utc + (binding.grantedUntil - now.instant),
    registeredAtUtcMs: binding.registeredAt,
    ...(timestamp && { timestamp }),
    ...(binding.messageId && { messageId: binding.messageId }),
    sequence: binding.sequence,
    ...(binding.service !== undefined && { service: binding.service }),
    ...(binding.uplinkKey !== undefined && { uplinkGreKey: binding.uplinkKey }),
  };
}

/** `undefined` when the record is not one that `recordOf` makes. */
export function bindingOf(record: BindingRecord, now: ClockReading): Binding | undefined {
  const identifier = fromHex(record.identifier.octets);
  const [first, ...more] = record.careOfAddresses.map(careOfAddress);
  const prefixes = record.prefixes.map(Ipv6Prefix.parse).filter((prefix) => prefix !== undefined);
  const homeAddress = record.homeAddress && readHomeAddress(record.homeAddress);
  if (!identifier || !first || prefixes.length !== record.prefixes.length) return undefined;
  if (record.homeAddress && !homeAddress) return undefined;
  const lifetime = seconds(record.lifetimeSeconds);
  return {
    id: record.id,
    state: record.state,
    customer: record.customer,
    mobileNode: { subtype: record.identifier.subtype, identifier, name: record.nai },
    interface: { linkLayerIdentifier: record.linkLayerIdentifier, accessTechnology: record.accessTechnology },
    careOfAddresses: [first, ...more.filter((careOf) => careOf !== undefined)],
    homeAddress,
    prefixes,
    linkLocalAddress: record.linkLocalAddress ? Ipv6Address.parse(record.linkLocalAddress) : undefined,
    lifetime,
    endsAt: remaining(record.expiresAtUtcMs, lifetime, now),
    grantedUntil: remaining(record.grantedUntilUtcMs, lifetime, now),
    registeredAt: utcTime(record.registeredAtUtcMs),
    timestamp: record.timestamp,
    messageId: record.messageId,
    sequence: record.sequence,
    service: record.service,
    uplinkKey: record.uplinkGreKey,
  };
}

/** Never more than was granted, which a clock that was set back since would have it be. */
function remaining(untilUtcMs: number, lifetime: Duration, now: ClockReading): Instant {
  return after(now.instant, milliseconds(Math.min(untilUtcMs - now.utc, lifetime)));
}

function careOfAddress(record: BindingRecord['careOfAddresses'][number]): CareOfAddress | undefined {
  const { port, encapsulation } = record;
  const address = parseIpAddress(record.address);
  const local = parseIpAddress(record.local);
  return address && local && { address, local, ...(port !== undefined && { port }), encapsulation };
}

function readHomeAddress(record: NonNullable<BindingRecord['homeAddress']>): HomeAddress | undefined {
  const address = Ipv4Address.parse(record.address);
  const defaultRouter = Ipv4Address.parse(record.defaultRouter);
  return address && defaultRouter && { address, prefixLength: record.prefixLength, defaultRouter };
}
