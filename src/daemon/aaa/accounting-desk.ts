import { fromHex } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { sameAddress } from '#base/ip-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import { earliest } from '#base/time.ts';
import { type AccountedBinding, AccountingLedger, type AccountingRecord, type Usage } from '#proto/aaa/accounting.ts';
import { writeHardwareAddress } from '#proto/aaa/calling-station.ts';
import { TerminateCause } from '#proto/aaa/terminate-cause.ts';
import { lmaOfBinding } from '#proto/lma/binding-id.ts';
import type { LmaConfig } from '#proto/lma/index.ts';
import type { BindingRecord, StoreChange } from '#proto/lma/record.ts';
import { changedId } from '#proto/record-change.ts';
import type { AaaAssembly } from './assemble-aaa.ts';

/** What is kept for one LMA. */
interface Accounted {
  readonly ledger: AccountingLedger;
  lma: LmaConfig;
  /** In which each binding was last, which tells why it ended. */
  readonly states: Map<string, BindingRecord['state']>;
}

/** The accounting of the LMAs of a node that have it enabled: what their bindings become is what is accounted. */
export class AccountingDesk {
  readonly #usage: (id: string) => Usage | undefined;
  readonly #post: (records: readonly AccountingRecord[]) => void;
  readonly #run: string;
  /** By the name of the LMA. */
  readonly #ledgers = new Map<string, Accounted>();
  #assembly: AaaAssembly;

  /** `run` is of this run of the node alone. */
  constructor(
    assembly: AaaAssembly,
    run: string,
    usage: (id: string) => Usage | undefined,
    post: (records: readonly AccountingRecord[]) => void,
  ) {
    this.#assembly = assembly;
    this.#run = run;
    this.#usage = usage;
    this.#post = post;
  }

  configure(assembly: AaaAssembly, lmas: readonly LmaConfig[], now: ClockReading): void {
    this.#assembly = assembly;
    const accounted = lmas.filter(({ name }) => assembly.accountedLmas.includes(name));
    for (const [name, { ledger }] of this.#ledgers) {
      if (accounted.some((lma) => lma.name === name)) continue;
      ledger.nodeEnds(now);
      this.#flush(ledger);
      this.#ledgers.delete(name);
    }
    for (const lma of accounted) {
      const config = { style: this.#styleOf(lma), ...assembly.interim };
      const known = this.#ledgers.get(lma.name);
      if (known) {
        known.lma = lma;
        known.ledger.configure(config);
        continue;
      }
      const ledger = new AccountingLedger(config, this.#run, this.#usage);
      this.#ledgers.set(lma.name, { ledger, lma, states: new Map() });
      ledger.nodeStarts(now);
      this.#flush(ledger);
    }
  }

  /** A change that is about to be made true; its forwarding is still as it was. */
  changed(change: StoreChange, now: ClockReading): void {
    if (this.#ledgers.size === 0) return;
    const id = changedId(change);
    const of = this.#ledgers.get(lmaOfBinding(id));
    if (!of) return;
    if (change.kind === 'put' && change.record.state !== 'resting') {
      of.states.set(id, change.record.state);
      of.ledger.binding(accounted(change.record, of.lma, this.#assembly), now);
    } else {
      const cause = isSessionOver(change, now) ? TerminateCause.SESSION_TIMEOUT : CAUSES[of.states.get(id) ?? 'active'];
      of.ledger.ended(id, cause, now);
      of.states.delete(id);
    }
    this.#flush(of.ledger);
  }

  /** The Acct-Session-Id of a binding that is accounted. */
  sessionOf(binding: string): string | undefined {
    return this.#ledgers.get(lmaOfBinding(binding))?.ledger.sessionOf(binding);
  }

  expire(now: ClockReading): void {
    for (const { ledger } of this.#ledgers.values()) {
      ledger.expire(now);
      this.#flush(ledger);
    }
  }

  nextTimeout(): Instant | undefined {
    let first: Instant | undefined;
    for (const { ledger } of this.#ledgers.values()) first = earliest(first, ledger.nextTimeout());
    return first;
  }

  /** The node ends for good: every session is over. */
  end(now: ClockReading): void {
    for (const { ledger } of this.#ledgers.values()) {
      ledger.nodeEnds(now);
      this.#flush(ledger);
    }
    this.#ledgers.clear();
  }

  #styleOf({ addresses }: LmaConfig) {
    return { ...this.#assembly.style, nasAddress: (addresses.ipv4 ?? addresses.ipv6) as IpAddress };
  }

  #flush(ledger: AccountingLedger): void {
    const records = ledger.drain();
    if (records.length > 0) this.#post(records);
  }
}

/** By the state that a binding was in when it ended. */
const CAUSES: Readonly<Record<BindingRecord['state'], number>> = {
  active: TerminateCause.LOST_SERVICE,
  deleting: TerminateCause.USER_REQUEST,
  revoking: TerminateCause.ADMIN_RESET,
  invalid: TerminateCause.NAS_REBOOT,
  resting: TerminateCause.NAS_REQUEST,
};

/** As long as its server had let it. */
function isSessionOver(change: StoreChange, { utc }: ClockReading): boolean {
  const ends = change.kind === 'put' ? change.record.authorization?.sessionEnds : undefined;
  return ends !== undefined && ends <= utc;
}

function accounted(record: BindingRecord, lma: LmaConfig, { style }: AaaAssembly): AccountedBinding {
  const [{ address, local }] = record.careOfAddresses;
  const { linkLayerIdentifier, accessTechnology } = record.interface;
  const { interimInterval, accountingSession } = record.authorization ?? {};
  const peer = lma.peers.find(({ ipv6, ipv4 }) => sameAddress(ipv6, address) || sameAddress(ipv4, address));
  const octets = fromHex(linkLayerIdentifier);
  const mac = octets?.length === 6 ? MacAddress.read(octets) : undefined;
  return {
    id: record.id,
    nai: record.mobileNode.name,
    ...(mac && { callingStation: writeHardwareAddress(mac, style.hardwareAddress) }),
    ...(record.homeAddress && { homeAddress: record.homeAddress.address }),
    prefixes: record.prefixes,
    mag: peer?.name ?? address.toString(),
    lmaAddress: local,
    accessTechnology,
    ...(record.service !== undefined && { service: record.service }),
    ...(record.authorization && { classes: record.authorization.classes }),
    ...(interimInterval !== undefined && { interimInterval }),
    ...(accountingSession !== undefined && { accountingSession }),
    forwarding: record.state === 'active',
  };
}
