import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { instant, milliseconds, utcTime } from '#base/time.ts';
import type { MagProfile, SessionRecord } from '#proto/mag/index.ts';
import { decodeSessionRecord, encodeSessionRecord, isSessionRecord } from '#proto/mag/index.ts';
import { BindingStatus, HandoffIndicator } from '#wire/mobility/index.ts';
import {
  ACC0,
  acknowledgement,
  HOME_ADDRESS,
  MagDialogue,
  MN,
  magConfig,
  prefixesOf,
  requestedHomeAddress,
  v4,
  v6,
} from './dialogue.ts';

/** Through the codec, as from a store. */
function kept(dialogue: MagDialogue): SessionRecord[] {
  return dialogue.kept().map((record) => {
    const read = decodeSessionRecord(record.id, encodeSessionRecord(record));
    expect(read).toEqual(record);
    return read as SessionRecord;
  });
}

function active(): MagDialogue {
  const dialogue = new MagDialogue();
  dialogue.becomeActive();
  return dialogue;
}

describe('sessions of a former run', () => {
  it('go on: forwarding first, then the session with the same addresses', () => {
    const before = new MagDialogue();
    before.attach();
    const update = before.update();
    before.receive(acknowledgement(update));
    const story = before.story().filter((line) => !line.startsWith('log'));
    const after = new MagDialogue();
    after.advance(5000);
    after.handle({ kind: 'restored', records: kept(before) });
    expect(story).toHaveLength(2);
    expect(after.story()).toEqual(story);
    expect(after.mag.snapshot()).toMatchObject([{ state: 'ACTIVE' }]);
    expect(after.mag.stats.bindingsRestored).toBe(1);
  });

  it('go on with the lease of the DHCP client, until its own end', () => {
    const before = active();
    const lease = (seconds: number) => ({ address: HOME_ADDRESS, until: instant(before.now + seconds * 1000) });
    const urgencies = () =>
      before.outputs.flatMap((output) => (output.kind === 'store' ? [output.change.urgency] : []));
    before.outputs = [];
    before.handle({ kind: 'leased', mac: MN, lease: lease(1000) });
    before.handle({ kind: 'leased', mac: MN, lease: lease(1800) });
    expect(urgencies()).toEqual(['after-reply', 'within-window']);
    const after = new MagDialogue();
    after.advance(5000);
    after.handle({ kind: 'restored', records: kept(before) });
    const [session] = after.outputs.flatMap((output) =>
      output.kind === 'session' && output.change.kind === 'session-active' ? [output.change.session] : [],
    );
    const left = before.utc + 1_800_000 - after.utc;
    expect(session?.lease).toEqual({ address: HOME_ADDRESS, until: after.now + left });
  });

  it('are extended soon, naming what they have; the next one is when it would have been', () => {
    const before = active();
    const after = new MagDialogue();
    after.handle({ kind: 'restored', records: kept(before) });
    after.outputs = [];
    after.advance(1000);
    const update = after.update();
    expect(update.options).toContainEqual({ kind: 'handoff-indicator', indicator: HandoffIndicator.NOT_CHANGED });
    expect([...prefixesOf(update), requestedHomeAddress(update)]).not.toContain('::/0');
    expect(requestedHomeAddress(update)).not.toBe('0.0.0.0/0');
    after.receive(acknowledgement(update));
    after.outputs = [];
    after.advance(299_000);
    expect(after.updates()).toEqual([]);
    after.advance(1500);
    expect(after.updates()).toHaveLength(1);
  });

  it('go on under the name that the node proved to its access point', () => {
    const profiles = [...magConfig().profiles, { nai: 'mn7@example.com', service: 'ipv4' } as const];
    const before = new MagDialogue({ profiles });
    before.handle({
      kind: 'attached',
      interface: ACC0,
      mac: MN,
      trigger: 'accounting',
      provedNai: 'mn7@example.com',
    });
    before.receive(acknowledgement(before.update()));
    const after = new MagDialogue({ profiles });
    after.handle({ kind: 'restored', records: kept(before) });
    expect(after.mag.snapshot()).toMatchObject([{ nai: 'mn7@example.com', state: 'ACTIVE' }]);
  });

  it('end when the LMA says that the mobile node is elsewhere by now', () => {
    const after = new MagDialogue();
    after.handle({ kind: 'restored', records: kept(active()) });
    after.outputs = [];
    after.advance(1000);
    after.receive(acknowledgement(after.update(), { status: BindingStatus.ADMINISTRATIVELY_PROHIBITED }));
    expect(after.mag.snapshot()).toEqual([]);
    expect(after.kept()).toEqual([]);
  });

  it('are many, and are extended at a pace that the LMA can bear', () => {
    const [record] = kept(active()) as [SessionRecord];
    const records = Array.from({ length: 500 }, (_, n) => {
      const mac = new MacAddress(0x0200, n);
      return { ...record, id: `M1/${mac}`, mac, nai: mac.toCiscoString() };
    });
    const after = new MagDialogue();
    after.handle({ kind: 'restored', records });
    expect(after.mag.stats.bindingsRestored).toBe(500);
    after.outputs = [];
    after.advance(500);
    expect(after.updates().length).toBeLessThan(250);
    after.advance(5000);
    expect(after.mag.stats.pbuRefreshAfterRestart).toBe(500);
  });

  it('are over when their time ran out, or the configuration has no place for them', () => {
    const [record] = kept(active()) as [SessionRecord];
    const after = new MagDialogue();
    const expired = { ...record, expires: utcTime(0) };
    for (const other of [
      expired,
      { ...record, interface: 'gone' },
      { ...record, lma: 'gone' },
      { ...record, nai: 'x' },
    ]) {
      after.handle({ kind: 'restored', records: [other] });
      expect(after.mag.snapshot()).toEqual([]);
      expect(after.outputs).toMatchObject([
        { kind: 'store', change: { kind: 'delete', id: record.id } },
        { kind: 'log' },
      ]);
      after.outputs = [];
    }
  });

  it('last longer by the window when they would have ended in the gap of a crash', () => {
    const [record] = kept(active()) as [SessionRecord];
    const window = milliseconds(1000);
    const restored = (expiredAgo: number) => {
      const after = new MagDialogue();
      after.advance(100_000);
      const expires = utcTime(after.utc - expiredAgo);
      const gap = { from: utcTime(after.utc - 900), window, until: utcTime(after.utc + 100) };
      after.handle({ kind: 'restored', records: [{ ...record, expires }], gap });
      return after.mag.snapshot().length;
    };
    expect([0, 800, 899, 901, 5000].map(restored)).toEqual([1, 1, 1, 0, 0]);
  });
});

describe('what is kept of a session', () => {
  it('has the profile whole, as an AAA server said it', () => {
    const record = active().kept()[0] as SessionRecord;
    const profiles: MagProfile[] = [
      { nai: 'a', service: 'ipv4', localRouting: true },
      { nai: 'b', service: 'ipv6', apn: 'x', lma: 'l', network: 'n', localRouting: false, greKeys: { up: 1, down: 2 } },
      {
        nai: 'c',
        service: 'dual',
        lmaAddresses: { ipv6: v6('2001:db8::1'), ipv4: v4('192.0.2.1') },
        multihomed: false,
      },
      { nai: 'd', service: 'dual', lmaAddresses: {}, greKeys: { down: 0xffff_ffff } },
    ];
    for (const profile of profiles) {
      expect(decodeSessionRecord(record.id, encodeSessionRecord({ ...record, profile }))?.profile).toEqual(profile);
    }
  });

  it('follows it: moved, without its home address, extended, gone', () => {
    const dialogue = active();
    expect(dialogue.kept()).toMatchObject([{ id: `M1/${MN}`, interface: ACC0 }]);
    dialogue.detach('dhcp-release');
    expect(dialogue.kept()).toMatchObject([{ homeAddress: undefined }]);
    dialogue.detach();
    expect(dialogue.kept()).toEqual([]);
  });

  it('waits for nobody: an extension may be stored later', () => {
    const dialogue = active();
    dialogue.outputs = [];
    dialogue.advance(300_000);
    const refresh = dialogue.update();
    dialogue.receive(acknowledgement(refresh));
    expect(dialogue.outputs).toMatchObject([{ kind: 'store', change: { kind: 'put', urgency: 'within-window' } }]);
  });

  it('of any octets is read or refused', () => {
    const octets = encodeSessionRecord(active().kept()[0] as SessionRecord);
    for (let length = 0; length < octets.length; length++) {
      expect(decodeSessionRecord('a', octets.subarray(0, length))).toBeUndefined();
    }
    expect(decodeSessionRecord('a', octets.with(0, 2))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => void decodeSessionRecord('a', Uint8Array.of(1, ...any))),
    );
  });

  it('is known for one exactly when it can be read, whatever is in it', () => {
    const [plain] = active().kept() as [SessionRecord];
    const text = fc.string({ maxLength: 9 });
    const address4 = fc.constantFrom(v4('192.0.2.7'), v4('198.51.100.1'));
    const address6 = fc.constantFrom(v6('2001:db8::7'), v6('fe80::1'));
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const without = <T extends object>(value: T) =>
      Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
    const profile = fc
      .record({
        nai: text,
        service: fc.constantFrom('ipv4', 'ipv6', 'dual'),
        apn: optional(text),
        lma: optional(text),
        lmaAddresses: optional(fc.constantFrom({}, { ipv6: v6('2001:db8::1') }, { ipv4: v4('192.0.2.1') })),
        network: optional(text),
        greKeys: optional(fc.constantFrom({}, { up: 1 }, { down: 2 })),
        addresses: optional(fc.constant({ prefixes: plain.prefixes })),
        dhcpServer: optional(address4),
        withoutEffect: optional(fc.constant(['a', 'b'])),
        naming: optional(
          fc.record({ ipv4: fc.array(address4, { maxLength: 2 }), ipv6: fc.array(address6, { maxLength: 2 }) }),
        ),
      })
      .map(without);
    const others = fc
      .record({
        downlinkKey: optional(fc.nat()),
        refreshAdvice: optional(fc.constant(milliseconds(4000))),
        sessionEnds: optional(fc.constant(utcTime(1e12))),
        leaseEnds: optional(fc.constant(utcTime(1e12))),
        prefixes: fc.constantFrom(plain.prefixes, []),
        profile,
      })
      .map((values) => ({ ...plain, ...values }) as SessionRecord);
    const change = fc.record({ at: fc.nat(), value: fc.nat(255), cut: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(others, fc.array(change, { maxLength: 2 }), (record, changes) => {
        let octets = encodeSessionRecord(record).slice();
        expect(isSessionRecord(octets)).toBe(true);
        for (const { at, value, cut } of changes) {
          octets[at % octets.length] = value;
          octets = octets.subarray(0, octets.length - cut);
        }
        expect(isSessionRecord(octets)).toBe(decodeSessionRecord('a', octets) !== undefined);
      }),
      { numRuns: 2000 },
    );
  });
});
