import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#base/random.ts';
import { instant, utcTime } from '#base/time.ts';
import { HostapdClientMachine, type HostapdClientOutput } from '#proto/hostapd/index.ts';

const A = '02:00:00:00:00:07';
const B = '02:00:00:00:00:08';
const C = '02:00:00:00:00:09';

/** A client in virtual time, and what hostapd says to it. */
class Dialogue {
  readonly machine = new HostapdClientMachine({ interface: 'acc', path: '/run/hostapd/wlan0' });
  #now = 1000;
  #outputs: HostapdClientOutput[] = [];

  constructor() {
    this.#handle({ kind: 'start' });
  }

  /** A client that is attached, and whose hostapd had these stations. */
  static attached(...stations: string[]): Dialogue {
    const dialogue = new Dialogue();
    dialogue.opened();
    dialogue.says('OK\n');
    dialogue.lists(...stations);
    dialogue.outputs();
    return dialogue;
  }

  opened(): void {
    this.#handle({ kind: 'opened' });
  }

  closed(reason = 'connect /run/hostapd/wlan0: ENOENT'): void {
    this.#handle({ kind: 'closed', reason });
  }

  wantList(): void {
    this.#handle({ kind: 'list' });
  }

  says(...lines: string[]): void {
    for (const line of lines) this.#handle({ kind: 'datagram', octets: new TextEncoder().encode(line) });
  }

  saysOctets(octets: Uint8Array): void {
    this.#handle({ kind: 'datagram', octets });
  }

  /** Answers to STA-FIRST and what follows. */
  lists(...stations: string[]): void {
    for (const station of stations) this.says(`${station}\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=1\ninactive_msec=40\n`);
    this.says('');
  }

  advance(duration: number): void {
    const end = this.#now + duration;
    for (let steps = 0; ; steps++) {
      const next = this.machine.nextTimeout();
      if (next === undefined || next > end) break;
      if (steps > 1000) throw new Error('the machine never rests');
      this.#now = Math.max(this.#now, next);
      this.#handle({ kind: 'timeout' });
    }
    this.#now = end;
  }

  /** What came out since the last look, in few words. */
  outputs(): string[] {
    const outputs = this.#outputs.map((output) => {
      if (output.kind === 'command') return `> ${output.text}`;
      if (output.kind === 'association') return `${output.change} ${output.mac}`;
      if (output.kind === 'watching') return output.watching ? 'watching' : 'blind';
      return output.kind === 'log' ? `log ${output.code}` : output.kind;
    });
    this.#outputs = [];
    return outputs;
  }

  #handle(event: Parameters<HostapdClientMachine['handle']>[0]): void {
    this.machine.handle(event, { instant: instant(this.#now), utc: utcTime(this.#now) });
    this.#outputs.push(...this.machine.drain());
  }
}

it('attaches, learns which stations are there, and then watches', () => {
  const dialogue = new Dialogue();
  expect(dialogue.outputs()).toEqual(['open']);
  dialogue.opened();
  expect(dialogue.outputs()).toEqual(['> ATTACH']);
  dialogue.says('OK\n');
  expect(dialogue.outputs()).toEqual(['> STA-FIRST']);
  dialogue.says(`${A}\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=1\ninactive_msec=312\n`);
  expect(dialogue.outputs()).toEqual([`present ${A}`, `> STA-NEXT ${A}`]);
  dialogue.says(`${B}\nflags=[AUTH][ASSOC]\naid=2\n`);
  expect(dialogue.outputs()).toEqual([`> STA-NEXT ${B}`]);
  dialogue.says('');
  expect(dialogue.outputs()).toEqual(['watching', 'log hostapd-attached']);
  expect(dialogue.machine.snapshot()).toMatchObject({ state: 'watching', stations: 1 });
});

describe('a hostapd that is watched', () => {
  it('tells of stations that join and leave over the radio, amid other events', () => {
    const dialogue = Dialogue.attached();
    dialogue.says(
      `<3>CTRL-EVENT-EAP-STARTED ${A}`,
      `<3>CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=1`,
      `<3>CTRL-EVENT-EAP-SUCCESS2 ${A}`,
      `<3>EAPOL-4WAY-HS-COMPLETED ${A}`,
      `<3>AP-STA-CONNECTED ${A}`,
      `<3>AP-STA-CONNECTED ${B} keyid=guest`,
      `<3>AP-STA-POLL-OK ${A}`,
      `<3>AP-STA-DISCONNECTED ${B}`,
    );
    expect(dialogue.outputs()).toEqual([`joined ${A}`, `joined ${B}`, `answered ${A}`, `left ${B}`]);
    expect(dialogue.machine.stats).toMatchObject({ stationsConnected: 2, stationsDisconnected: 1, eventsOfOthers: 4 });
  });

  it('tells of a wired port that is authenticated and logs off', () => {
    const dialogue = Dialogue.attached();
    dialogue.says(
      `<3>CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=4`,
      `<3>CTRL-EVENT-EAP-SUCCESS ${A}`,
      `<3>AP-STA-CONNECTED ${A}`,
      `<3>AP-STA-DISCONNECTED ${A}`,
      `<3>CTRL-EVENT-EAP-STARTED ${A}`,
    );
    expect(dialogue.outputs()).toEqual([`joined ${A}`, `left ${A}`]);
  });

  it('is asked now and then whether it lives, and nothing else while it does', () => {
    const dialogue = Dialogue.attached(A);
    for (let i = 0; i < 3; i++) {
      dialogue.advance(5000);
      expect(dialogue.outputs()).toEqual(['> PING']);
      dialogue.says('PONG\n');
    }
    expect(dialogue.outputs()).toEqual([]);
  });

  it('that answers no more is given up after 2 s, without a word of its stations', () => {
    const dialogue = Dialogue.attached(A);
    dialogue.advance(5000 + 2000);
    expect(dialogue.outputs()).toEqual(['> PING', 'close', 'blind', 'log hostapd-unreachable']);
    expect(dialogue.machine.stats).toMatchObject({ commandsUnanswered: 1, connectionsLost: 1 });
    dialogue.advance(1000);
    expect(dialogue.outputs()).toEqual(['open']);
  });

  it('that was restarted is attached to again, and the stations that did not come back have left', () => {
    const dialogue = Dialogue.attached(A, B);
    dialogue.says('<3>AP-DISABLED ', '<3>CTRL-EVENT-TERMINATING ');
    expect(dialogue.outputs()).toEqual(['> STA-FIRST', 'close', 'blind', 'log hostapd-unreachable']);
    dialogue.advance(1000);
    dialogue.closed();
    dialogue.advance(1000);
    dialogue.closed();
    dialogue.advance(1000);
    expect(dialogue.outputs()).toEqual(['open', 'open', 'open']);
    dialogue.opened();
    dialogue.says('OK\n');
    dialogue.lists(B);
    expect(dialogue.outputs()).toEqual([
      '> ATTACH',
      '> STA-FIRST',
      `present ${B}`,
      `> STA-NEXT ${B}`,
      `left ${A}`,
      'watching',
      'log hostapd-attached',
    ]);
  });

  it('is asked for its stations again when the access point was down, or somebody wants to know', () => {
    const dialogue = Dialogue.attached(A);
    dialogue.says('<3>AP-ENABLED ');
    expect(dialogue.outputs()).toEqual(['> STA-FIRST']);
    dialogue.wantList();
    dialogue.lists();
    expect(dialogue.outputs()).toEqual([`left ${A}`, '> STA-FIRST']);
    dialogue.lists();
    expect(dialogue.outputs()).toEqual([]);
    dialogue.advance(5000);
    dialogue.wantList();
    expect(dialogue.outputs()).toEqual(['> PING']);
    dialogue.says('PONG\n');
    expect(dialogue.outputs()).toEqual(['> STA-FIRST']);
  });
});

describe('the list of stations', () => {
  it('says nothing of one that was silent for long: it may have roamed away', () => {
    const dialogue = new Dialogue();
    dialogue.opened();
    dialogue.says('OK\n', `${A}\nflags=[AUTHORIZED]\ninactive_msec=5001\n`);
    dialogue.says(`${B}\nflags=[AUTHORIZED]\ninactive_msec=5000\n`, '');
    expect(dialogue.outputs().filter((output) => output.startsWith('present'))).toEqual([`present ${B}`]);
    expect(dialogue.machine.snapshot().stations).toBe(2);
  });

  it('is begun again when a station leaves in its middle', () => {
    const dialogue = Dialogue.attached(A, B, C);
    dialogue.wantList();
    dialogue.says(`${A}\nflags=[AUTHORIZED]\n`, `<3>AP-STA-DISCONNECTED ${A}`, 'FAIL\n');
    dialogue.lists(B, C);
    expect(dialogue.outputs().filter((output) => /^(left|> STA-FIRST)/.test(output))).toEqual([
      '> STA-FIRST',
      `left ${A}`,
      '> STA-FIRST',
    ]);
    expect(dialogue.machine.stats.listsRepeated).toBe(1);
    expect(dialogue.machine.snapshot().stations).toBe(2);
  });

  it('counts for nothing when it never comes to an end', () => {
    const dialogue = Dialogue.attached(A, B);
    dialogue.wantList();
    for (let i = 0; i < 5; i++) dialogue.says(`${B}\nflags=[AUTHORIZED]\n`, 'FAIL\n');
    expect(dialogue.outputs()).not.toContain(`left ${A}`);
    expect(dialogue.machine.snapshot()).toMatchObject({ state: 'watching', stations: 2 });
    dialogue.wantList();
    dialogue.says(`${B}\nflags=[AUTHORIZED]\n`, `${B}\nflags=[AUTHORIZED]\n`);
    expect(dialogue.outputs()).not.toContain(`left ${A}`);
    expect(dialogue.machine.stats.listsGivenUp).toBe(2);
    expect(dialogue.machine.snapshot().state).toBe('watching');
  });

  it('has a station that joins while it is on its way', () => {
    const dialogue = Dialogue.attached();
    dialogue.wantList();
    dialogue.says(`<3>AP-STA-CONNECTED ${A}`, '');
    expect(dialogue.outputs()).toEqual(['> STA-FIRST', `joined ${A}`]);
    expect(dialogue.machine.snapshot().stations).toBe(1);
  });

  it('is empty when a hostapd before 2.10 says FAIL at once', () => {
    const dialogue = Dialogue.attached(A);
    dialogue.wantList();
    dialogue.says('FAIL\n');
    expect(dialogue.outputs()).toEqual(['> STA-FIRST', `left ${A}`]);
  });
});

describe('what is not hostapd', () => {
  it('is logged once, and tried for each second', () => {
    const dialogue = new Dialogue();
    dialogue.closed();
    for (let i = 0; i < 60; i++) {
      dialogue.advance(1000);
      dialogue.closed();
    }
    const outputs = dialogue.outputs();
    expect(outputs.filter((output) => output === 'open')).toHaveLength(61);
    expect(outputs.filter((output) => output === 'log hostapd-unreachable')).toHaveLength(1);
  });

  it('may refuse ATTACH, or answer with something else', () => {
    const refusing = new Dialogue();
    refusing.opened();
    refusing.says('FAIL\n');
    expect(refusing.outputs()).toContain('close');
    expect(refusing.machine.stats.attachRefused).toBe(1);
    const strange = Dialogue.attached();
    strange.advance(5000);
    strange.says('who is there?');
    expect(strange.outputs()).toContain('close');
    const listless = new Dialogue();
    listless.opened();
    listless.says('OK\n', 'UNKNOWN COMMAND\n');
    expect(listless.outputs()).toContain('close');
    expect(listless.machine.stats.repliesUnexpected).toBe(1);
  });

  it('may say anything at any time: it is counted, throws nothing, and does not stop what is hostapd', () => {
    const dialogue = Dialogue.attached();
    dialogue.says('OK\n', `<3>AP-STA-CONNECTED ${A.slice(1)}`, '<3>', `<3>AP-STA-CONNECTED 01:80:c2:00:00:03`);
    expect(dialogue.machine.stats).toMatchObject({ repliesUnexpected: 1, messagesMalformed: 3 });
    const random = new SeededRandom(5);
    for (let i = 0; i < 3000; i++) {
      dialogue.saysOctets(Uint8Array.from({ length: random.nextU32() % 60 }, () => random.nextU32()));
      if (i % 50 === 0) {
        dialogue.advance(1000);
        dialogue.opened();
      }
    }
    dialogue.outputs();
    dialogue.closed();
    dialogue.advance(1000);
    dialogue.opened();
    dialogue.says('OK\n');
    dialogue.lists(A);
    expect(dialogue.outputs()).toContain(`present ${A}`);
  });

  it('cannot fill the memory with stations', () => {
    const dialogue = Dialogue.attached();
    for (let i = 0; i < 9000; i++) {
      dialogue.says(`<3>AP-STA-CONNECTED 02:00:00:01:${hex(i >> 8)}:${hex(i & 0xff)}`);
    }
    expect(dialogue.machine.snapshot().stations).toBe(8192);
    expect(dialogue.machine.stats.stationsOverMaximum).toBe(9000 - 8192);
    expect(dialogue.outputs()).toHaveLength(9000);
  });
});

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
