import type { IpAddress } from '#base/ip-address.ts';
import { RecentMap } from '#base/recent-map.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import { RevocationStatus, RevocationTrigger, statusName } from '#wire/mobility/index.ts';

/** Messages of one kind; plain JSON. */
export interface MessageCount {
  total: number;
  /** Of updates, whether they register; of acknowledgements, by status; of indications, by trigger. */
  readonly by: Record<string, number>;
}

/** By name of the message. */
export type MessageCounts = Record<CountedMessage, MessageCount>;

export type CountedMessage = 'PBU' | 'PBA' | 'BRI' | 'BRA' | 'Heartbeat' | 'Other';

/** What was exchanged with one peer since the machine started; plain JSON. */
export interface PeerMessageCounts {
  readonly received: MessageCounts;
  readonly sent: MessageCounts;
}

export interface PeerMessagesRow extends PeerMessageCounts {
  readonly peer: string;
  readonly address: string;
}

/** Of each of so many something is remembered; those spoken with longest ago make room. */
const PEERS_MAXIMUM = 4096;

/** Counts the messages of each peer of an LMA or MAG: those that came, and those that it wanted sent. */
export class PeerMessages {
  readonly #peers = new RecentMap<Peer>(PEERS_MAXIMUM);

  received(from: IpAddress, message: MobilityMessage): void {
    count(this.#with(from).counts.received, message);
  }

  sent(to: IpAddress, message: MobilityMessage): void {
    count(this.#with(to).counts.sent, message);
  }

  /** In the order in which they were last spoken with. */
  rows(nameOf: (address: IpAddress) => string): PeerMessagesRow[] {
    return Array.from(this.#peers.values(), ({ address, counts }) => ({
      peer: nameOf(address),
      address: `${address}`,
      ...counts,
    }));
  }

  #with(address: IpAddress): Peer {
    const { key } = address;
    return this.#peers.get(key) ?? this.#peers.add(key, { address, counts: { received: none(), sent: none() } });
  }
}

interface Peer {
  readonly address: IpAddress;
  readonly counts: PeerMessageCounts;
}

function none(): MessageCounts {
  const zero = () => ({ total: 0, by: {} });
  return { PBU: zero(), PBA: zero(), BRI: zero(), BRA: zero(), Heartbeat: zero(), Other: zero() };
}

function count(counts: MessageCounts, message: MobilityMessage): void {
  const counted = counts[nameOf(message)];
  const detail = detailOf(message);
  counted.total++;
  if (detail !== undefined) counted.by[detail] = (counted.by[detail] ?? 0) + 1;
}

function nameOf({ kind }: MobilityMessage): CountedMessage {
  switch (kind) {
    case 'binding-update':
      return 'PBU';
    case 'binding-acknowledgement':
      return 'PBA';
    case 'binding-revocation-indication':
      return 'BRI';
    case 'binding-revocation-acknowledgement':
      return 'BRA';
    case 'heartbeat':
      return 'Heartbeat';
    default:
      return 'Other';
  }
}

function detailOf(message: MobilityMessage): string | undefined {
  switch (message.kind) {
    case 'binding-update':
      return message.lifetime === 0 ? 'DE-REGISTRATION' : 'REGISTRATION';
    case 'binding-acknowledgement':
      return statusName(message.status);
    case 'binding-revocation-indication':
      return nameIn(TRIGGERS, message.trigger);
    case 'binding-revocation-acknowledgement':
      return nameIn(STATUSES, message.status);
    default:
      return undefined;
  }
}

const TRIGGERS = namesOf(RevocationTrigger);
const STATUSES = namesOf(RevocationStatus);

function namesOf(numbers: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}

function nameIn(names: ReadonlyMap<number, string>, value: number): string {
  return names.get(value) ?? `${value}`;
}
