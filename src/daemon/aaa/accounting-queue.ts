import { appendFileSync, closeSync, existsSync, fdatasyncSync, openSync, readFileSync } from 'node:fs';
import { type UtcTime, utcTime } from '#base/time.ts';
import { replaceFile } from '#host/replace-file.ts';
import { type AccountingRecord, delayedAttributes } from '#proto/aaa/accounting.ts';
import type { RadiusOutcome } from '#proto/radius/index.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

/** Records that may wait: about 100 MB on disk, a day of a small network without its server. */
const RECORDS_MAXIMUM = 200_000;
/** Records under way at once, each of another session. */
const WINDOW = 256;
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;
/** Records that are done with, after which the file is written anew. */
const COMPACT_AFTER = 10_000;

export interface AccountingQueueEffects {
  readonly send: (attributes: readonly RadiusAttribute[], answered: (outcome: RadiusOutcome) => void) => void;
  readonly now: () => UtcTime;
  readonly log: (level: 'info' | 'warn' | 'error', code: string, text: string) => void;
}

export interface AccountingQueueStats {
  queued: number;
  /** Transmissions, each record once at least. */
  sent: number;
  acknowledged: number;
  /** Lost because too many waited. */
  dropped: number;
  /** Records that no server answered in time, and that go out again. */
  retries: number;
  fileErrors: number;
}

interface Entry {
  number: number;
  readonly record: AccountingRecord;
  underWay: boolean;
}

/**
 * Accounting records on their way to the servers: kept in a file until a server has answered, sent in their order, those of one session one after the
 * other, and again when no server answers. The oldest stay when there is no room for more.
 */
export class AccountingQueue {
  readonly stats: AccountingQueueStats = { queued: 0, sent: 0, acknowledged: 0, dropped: 0, retries: 0, fileErrors: 0 };
  readonly #effects: AccountingQueueEffects;
  #file: string | undefined;
  readonly #entries = new Map<number, Entry>();
  readonly #busy = new Set<string | undefined>();
  #next = 1;
  #done = 0;
  #underWay = 0;
  #wait = RETRY_FIRST_MS;
  #timer: NodeJS.Timeout | undefined;
  #fd: number | undefined;
  #overflowed = false;
  #closed = false;

  /** Until `keepIn`, what waits is lost with the process. */
  constructor(effects: AccountingQueueEffects) {
    this.#effects = effects;
  }

  /** Keeps what waits in this file from now on. What an earlier run left in it is sent first. */
  keepIn(file: string): void {
    const fresh = [...this.#entries.values()];
    this.#entries.clear();
    this.#file = file;
    this.#read(file);
    for (const entry of fresh) {
      entry.number = this.#next++;
      this.#entries.set(entry.number, entry);
    }
    this.#compact();
    this.pump();
  }

  get waiting(): number {
    return this.#entries.size;
  }

  add(records: readonly AccountingRecord[]): void {
    const added: Entry[] = [];
    for (const record of records) {
      if (this.#entries.size >= RECORDS_MAXIMUM) {
        this.stats.dropped++;
        this.#complainOfRoom();
        continue;
      }
      this.#overflowed = false;
      const entry = { number: this.#next++, record, underWay: false };
      this.#entries.set(entry.number, entry);
      this.stats.queued++;
      added.push(entry);
    }
    this.#append(added.map(({ number, record }) => lineOf(number, record)));
    if (!this.#timer) this.pump();
  }

  /** Sends what can be sent now. */
  pump(): void {
    let first = true;
    for (const entry of this.#entries.values()) {
      const { session } = entry.record;
      const alone = session === undefined;
      if (this.#underWay >= WINDOW || this.#closed || (alone && !first)) return;
      first = false;
      if (entry.underWay || this.#busy.has(session)) {
        if (alone) return;
        continue;
      }
      entry.underWay = true;
      this.#underWay++;
      this.#busy.add(session);
      this.stats.sent++;
      this.#effects.send(delayedAttributes(entry.record, this.#effects.now()), (outcome) => {
        this.#answered(entry, outcome);
      });
      if (alone) return;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #answered(entry: Entry, outcome: RadiusOutcome): void {
    entry.underWay = false;
    this.#underWay--;
    this.#busy.delete(entry.record.session);
    if (this.#closed) return;
    if (outcome !== 'accept') {
      this.stats.retries++;
      this.#retryLater();
      return;
    }
    this.stats.acknowledged++;
    this.#wait = RETRY_FIRST_MS;
    this.#entries.delete(entry.number);
    this.#append([`-${entry.number}\n`]);
    if (++this.#done >= COMPACT_AFTER) this.#compact();
    if (!this.#timer) this.pump();
  }

  #retryLater(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.pump();
    }, this.#wait);
    this.#timer.unref();
    this.#wait = Math.min(2 * this.#wait, RETRY_LAST_MS);
  }

  #read(file: string): void {
    try {
      if (!existsSync(file)) return;
      for (const [number, record] of readEntries(readFileSync(file, 'utf8'))) {
        this.#entries.set(number, { number, record, underWay: false });
        this.#next = Math.max(this.#next, number + 1);
      }
    } catch (error) {
      this.#fileFailed(error);
    }
    if (this.#entries.size > 0) {
      const text = `${this.#entries.size} accounting records of an earlier run are sent now`;
      this.#effects.log('info', 'accounting-resumed', text);
    }
  }

  /** Writes the file anew with what waits. */
  #compact(): void {
    if (this.#file === undefined) return;
    this.#done = 0;
    try {
      replaceFile(
        this.#file,
        Array.from(this.#entries.values(), ({ number, record }) => lineOf(number, record)).join(''),
      );
      if (this.#fd !== undefined) closeSync(this.#fd);
      this.#fd = openSync(this.#file, 'a', 0o600);
    } catch (error) {
      this.#fileFailed(error);
    }
  }

  #append(lines: readonly string[]): void {
    if (this.#fd === undefined || lines.length === 0) return;
    try {
      appendFileSync(this.#fd, lines.join(''));
      fdatasyncSync(this.#fd);
    } catch (error) {
      this.#fileFailed(error);
    }
  }

  #fileFailed(error: unknown): void {
    if (this.stats.fileErrors++ > 0) return;
    const text = `accounting records cannot be kept in ${this.#file}: ${(error as Error).message}; they are lost if the process ends`;
    this.#effects.log('error', 'accounting-not-durable', text);
  }

  #complainOfRoom(): void {
    if (this.#overflowed) return;
    this.#overflowed = true;
    const text = `${RECORDS_MAXIMUM} accounting records wait for a server; further ones are lost`;
    this.#effects.log('error', 'accounting-overflow', text);
  }
}

function lineOf(number: number, { session, at, attributes }: AccountingRecord): string {
  const said = attributes.map(({ vendor, type, value }) => [vendor, type, Buffer.from(value).toString('base64')]);
  return `+${number} ${JSON.stringify([session, at, said])}\n`;
}

/** Those that no server had answered. A line that is broken, as the last one may be after a crash, is left out. */
function readEntries(text: string): Map<number, AccountingRecord> {
  const entries = new Map<number, AccountingRecord>();
  for (const line of text.split('\n')) {
    const [, sign, number, json] = /^([+-])(\d+)(?: (.*))?$/.exec(line) ?? [];
    if (sign === '-') entries.delete(Number(number));
    const record = sign === '+' ? readRecord(json ?? '') : undefined;
    if (record) entries.set(Number(number), record);
  }
  return entries;
}

function readRecord(json: string): AccountingRecord | undefined {
  try {
    const [session, at, said] = JSON.parse(json) as [string | null, number, [number, number, string][]];
    const attributes = said.map(([vendor, type, value]) => ({
      vendor,
      type,
      value: new Uint8Array(Buffer.from(value, 'base64')),
    }));
    return { session: session ?? undefined, at: utcTime(at), attributes };
  } catch {
    return undefined;
  }
}
