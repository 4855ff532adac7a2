import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { AccountingDesk } from '#daemon/aaa/accounting-desk.ts';
import { assembleAaa } from '#daemon/aaa/assemble-aaa.ts';
import type { AccountingRecord } from '#proto/aaa/accounting.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { TerminateCause } from '#proto/aaa/terminate-cause.ts';
import type { LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import { BindingRevocationFlag, HandoffIndicator } from '#wire/mobility/index.ts';
import { read } from '../../config/read.ts';
import { Dialogue, MAG1, revocationsIn } from '../../proto/lma/dialogue.ts';

const CONFIGURATION = 'ipv6 mobile pmipv6-lma lma1 domain D1\n  enable aaa accounting\n';

/** An LMA whose bindings are accounted. */
class Accounted extends Dialogue {
  readonly desk: AccountingDesk;
  readonly #records: AccountingRecord[] = [];

  constructor(config: Partial<LmaConfig> = {}, commands = '') {
    super(config);
    const assembly = assembleAaa(read(commands + CONFIGURATION), 'lma1', () => undefined);
    this.desk = new AccountingDesk(
      assembly,
      'run',
      () => undefined,
      (records) => this.#records.push(...records),
    );
    this.desk.configure(assembly, [this.config], this.now);
    this.told();
  }

  override tell(event: LmaEvent): readonly LmaOutput[] {
    const outputs = super.tell(event);
    for (const output of outputs) if (output.kind === 'store') this.desk.changed(output.change, this.now);
    return outputs;
  }

  /** Records since the last look, each attribute by its name. */
  told(): Record<string, unknown>[] {
    return this.#records
      .splice(0)
      .map(({ attributes }) =>
        Object.fromEntries(attributes.map((each) => [DICTIONARY.typeOf(each)?.name, DICTIONARY.value(each)])),
      );
  }
}

/** MAG1 answers the heartbeat among the outputs, as one that has restarted so often. */
function beat(lma: Accounted, outputs: readonly LmaOutput[], counter: number): void {
  const sent = outputs.flatMap((output) => (output.kind === 'send' ? [output.message] : []));
  const request = sent.find((message) => message.kind === 'heartbeat');
  if (!request) throw new Error('no heartbeat');
  lma.receive(MAG1, { ...request, response: true, options: [{ kind: 'restart-counter', counter }] });
}

function clear(lma: Accounted): void {
  const [sent] = revocationsIn(lma.tell({ kind: 'clear-bindings' }));
  if (!sent) throw new Error('no revocation');
  const { sequence } = sent.message;
  const flags = BindingRevocationFlag.P;
  lma.receive(MAG1, { kind: 'binding-revocation-acknowledgement', status: 0, sequence, flags, options: [] });
}

function restart(lma: Accounted): void {
  beat(lma, lma.pass(1000), 1);
  beat(lma, lma.pass(60_000), 2);
  lma.pass(3_600_000);
}

const HEARTBEAT = { heartbeat: { interval: seconds(60), retries: 3 } };

const LEAVING = { lifetimeSeconds: 0, handoff: HandoffIndicator.UNKNOWN };

interface Ending {
  readonly what: string;
  readonly cause: number;
  readonly end: (lma: Accounted) => unknown;
  readonly config?: Partial<LmaConfig>;
}

const endings: Ending[] = [
  { what: 'its MAG de-registers it', cause: TerminateCause.USER_REQUEST, end: (lma) => lma.update(LEAVING) },
  { what: 'its MAG does not extend it', cause: TerminateCause.LOST_SERVICE, end: (lma) => lma.pass(3_600_000) },
  { what: 'the operator, or a Disconnect-Request, ends it', cause: TerminateCause.ADMIN_RESET, end: clear },
  { what: 'its MAG has restarted without it', cause: TerminateCause.NAS_REBOOT, end: restart, config: HEARTBEAT },
  { what: 'the node ends for good', cause: TerminateCause.ADMIN_REBOOT, end: (lma) => lma.desk.end(lma.now) },
];

describe('the accounting of an LMA', () => {
  it.each(endings)('[RFC 2866 §5.10] says in the Stop why the session ended: $what', ({ cause, end, config }) => {
    const lma = new Accounted(config);
    lma.update();
    expect(lma.told()).toMatchObject([{ 'Acct-Status-Type': 1 }]);
    lma.pass(10);
    end(lma);
    lma.pass(20_000);
    const stops = lma.told().filter((record) => record['Acct-Status-Type'] === 2);
    expect(stops).toMatchObject([{ 'Acct-Terminate-Cause': cause }]);
  });

  it('[RFC 2866 §5.10] says so of a session whose Session-Timeout is over', () => {
    const lma = new Accounted({ authorization: true });
    const asked = lma.update().find((output) => output.kind === 'authorize');
    const profile = { prefixes: [], classes: [], sessionTimeout: seconds(600) };
    lma.tell({ kind: 'authorization', key: asked?.key ?? '', answer: { kind: 'granted', profile } });
    lma.pass(620_000);
    expect(lma.told()).toMatchObject([
      { 'Acct-Status-Type': 1 },
      { 'Acct-Status-Type': 2, 'Acct-Terminate-Cause': TerminateCause.SESSION_TIMEOUT },
    ]);
  });

  const rows = [
    ['radius-server attribute 32 include-in-accounting-req', { 'NAS-Identifier': 'lma1' }],
    ['radius-server attribute 55 include-in-acct-req', { 'Event-Timestamp': 1_768_478_400 }],
    ['radius-server vsa send accounting', { 'Cisco-AVPair': 'mag-identifier=mag1' }],
    ['radius-server attribute 31 mac format ietf lower-case', { 'Calling-Station-Id': '00-24-d7-8e-21-a4' }],
    ['radius-server attribute 31 mac format ietf upper-case', { 'Calling-Station-Id': '00-24-D7-8E-21-A4' }],
    ['radius-server attribute 31 mac format unformatted', { 'Calling-Station-Id': '0024d78e21a4' }],
  ] as const;

  it.each(rows)('says in each record what "%s" has it say', (command, said) => {
    const started = (commands: string) => {
      const lma = new Accounted({}, commands);
      lma.update();
      return lma.told()[0];
    };
    const [name] = Object.keys(said) as [string];
    expect(started(`${command}\n`)).toMatchObject(said);
    expect(started('')?.[name]).not.toEqual(Object.values(said)[0]);
  });
});
