import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { BindingStatus, findOption } from '#wire/mobility/index.ts';
import { ACC0, acknowledgement, MagDialogue, MN, MN2, prefixesOf, requestedHomeAddress } from './dialogue.ts';

describe('rejection', () => {
  it.each([128, 129, 130, 133, 153, 154, 156, 159])('[RFC 5213 §6.9.1.2(11)] denies service on status %i', (status) => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { status }));
    expect(dialogue.story()).toEqual(['log pbu-rejected', expect.stringMatching(/^session-refused [A-Z]/)]);
    expect(dialogue.mag.snapshot()).toEqual([]);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });

  it('[RFC 5213 §6.9.1.2(7)] does not ask again after PROXY_REG_NOT_ENABLED until the operator acts', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { status: BindingStatus.PROXY_REG_NOT_ENABLED }));
    dialogue.outputs = [];
    dialogue.attach();
    expect(dialogue.story()).toEqual(['session-refused PROXY_REG_NOT_ENABLED']);
    dialogue.handle({ kind: 'clear-bindings', nai: MN.toCiscoString() });
    dialogue.attach();
    expect(dialogue.updates()).toHaveLength(1);
  });

  it('[RFC 5213 §6.9.1.2(8)] asks again at once after TIMESTAMP_LOWER_THAN_PREV_ACCEPTED, twice at most', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    for (let i = 0; i < 2; i++) {
      const status = BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED;
      dialogue.receive(acknowledgement(dialogue.update(), { status }));
    }
    const last = dialogue.update();
    dialogue.receive(acknowledgement(last, { status: BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED }));
    expect(dialogue.story()).toEqual(['log pbu-rejected', 'session-refused TIMESTAMP_LOWER_THAN_PREV_ACCEPTED']);
  });

  it('becomes active when the repeated request is accepted', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { status: BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED }));
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('ACTIVE');
  });

  it('[RFC 5213 §6.9.1.2(9)] tells the operator how far the clocks are apart on TIMESTAMP_MISMATCH', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const update = dialogue.update();
    dialogue.receive(
      acknowledgement(update, {
        status: BindingStatus.TIMESTAMP_MISMATCH,
        option: (option) => (option.kind === 'timestamp' ? { ...option, seconds: option.seconds - 30 } : option),
      }),
    );
    const log = dialogue.outputs.find((output) => output.kind === 'log');
    expect(log?.fields.clockAheadSeconds).toBe(30);
    expect(log?.text).toMatch(/: TIMESTAMP_MISMATCH; the clocks are 30 s apart, synchronize both$/);
  });

  it('[RFC 5844 §3.2.3.2(1)] asks for IPv6 alone after NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(
      acknowledgement(dialogue.update(), { status: BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE }),
    );
    const update = dialogue.update();
    expect(prefixesOf(update)).toEqual(['::/0']);
    expect(requestedHomeAddress(update)).toBeUndefined();
  });

  it('[RFC 5844 §3.2.3.2(3)] asks for IPv4 alone after NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE, then for nothing', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(
      acknowledgement(dialogue.update(), { status: BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE }),
    );
    const update = dialogue.update();
    expect(prefixesOf(update)).toEqual([]);
    dialogue.receive(acknowledgement(update, { status: BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE }));
    dialogue.outputs = [];
    dialogue.attach();
    expect(dialogue.story()).toEqual(['session-refused the LMA authorizes no service']);
  });

  it.each([
    BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX,
    BindingStatus.BCE_PBU_PREFIX_SET_DO_NOT_MATCH,
    BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS,
  ])('[RFC 5213 §6.9.1.2(10)] withdraws on status %i of a refresh and leaves the assignment to the LMA', (status) => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.advance(300_000);
    const refresh = dialogue.update();
    dialogue.receive(acknowledgement(refresh, { status }));
    expect(dialogue.outputs.map((output) => output.kind)).toEqual(['log', 'store', 'forward', 'session', 'send']);
    const again = dialogue.update();
    expect(prefixesOf(again)).toEqual(['::/0']);
    expect(requestedHomeAddress(again)).toBe('0.0.0.0/0');
    dialogue.receive(acknowledgement(again, { status }));
    expect(dialogue.story().at(-1)).toMatch(/^session-refused /);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });
});

describe('sequence numbers in place of timestamps', () => {
  it('[RFC 5213 §6.9.1.1(6), §5.5, §6.9.4(4), §9.3] are counted for each mobile node, also when sent again, and no Timestamp option is sent', () => {
    const dialogue = new MagDialogue({ timestamps: false });
    const first = dialogue.becomeActive();
    expect(findOption(first.options, 'timestamp')).toBeUndefined();
    for (let i = 0; i < 5; i++) dialogue.attach('dhcp', ACC0, new MacAddress(0x0224, i));
    dialogue.outputs = [];
    dialogue.attach('hostapd');
    expect(dialogue.update().sequence).toBe((first.sequence + 1) & 0xffff);
    dialogue.advance(1000);
    const again = dialogue.updates().map(({ sequence }) => (sequence - first.sequence) & 0xffff);
    expect(again).toContain(2);
  });

  it('[RFC 6275 §11.7.3, RFC 5213 §5.5] go on from the one that the LMA names with SEQUENCE_NUMBER_OUT_OF_WINDOW', () => {
    const dialogue = new MagDialogue({ timestamps: false });
    dialogue.attach();
    const update = dialogue.update();
    const status = BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW;
    dialogue.receive({ ...acknowledgement(update, { status }), sequence: 4711 });
    const again = dialogue.update();
    expect(again.sequence).toBe(4712);
    dialogue.receive(acknowledgement(again));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE' }]);
  });

  it('[RFC 5213 §6.9.1.2(5)] of one interface are not those of another one of its node, whose refresh waits too', () => {
    const profile = { nai: 'mn1@example.com', service: 'dual', multihomed: true } as const;
    const localProfiles = [MN, MN2].map((mac) => ({ mac, nai: profile.nai }));
    const dialogue = new MagDialogue({ timestamps: false, profiles: [profile], localProfiles });
    dialogue.becomeActive();
    dialogue.attach('layer-2-update', ACC0, MN2);
    const update = dialogue.update();
    dialogue.receive(acknowledgement(update, { homeAddress: '192.0.2.2', prefixes: ['2001:db8:f00d:2::/64'] }));
    dialogue.outputs = [];
    dialogue.advance(300_000);
    const [first, second] = dialogue.updates();
    if (!first || !second) throw new Error('two refreshes were expected');
    const status = BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW;
    dialogue.receive({ ...acknowledgement(second, { status }), sequence: 4711 });
    expect(dialogue.update()).toMatchObject({ sequence: 4712, options: second.options });
    expect(dialogue.mag.stats.pbaEchoMismatch).toBe(0);
  });

  it('may be the same of two mobile nodes, whose answers their names tell apart', () => {
    const dialogue = new MagDialogue({ timestamps: false });
    const status = BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW;
    const updates = [MN, MN2].map((mac) => {
      dialogue.attach('dhcp', ACC0, mac);
      dialogue.receive({ ...acknowledgement(dialogue.update(), { status }), sequence: 7 });
      return dialogue.update();
    });
    expect(updates.map((update) => update.sequence)).toEqual([8, 8]);
    const addresses = { homeAddress: '192.0.2.2', prefixes: ['2001:db8:f00d:2::/64'] };
    dialogue.receive(acknowledgement(updates[1]!, addresses));
    expect(dialogue.mag.snapshot().map(({ llid, state }) => `${llid} ${state}`)).toEqual([
      `${MN.toCiscoString()} INIT`,
      `${MN2.toCiscoString()} ACTIVE`,
    ]);
  });
});

describe('the rate of messages', () => {
  it('[RFC 6275 §11.8] is that of the mobile node, also when its binding is dropped and made anew', () => {
    const dialogue = new MagDialogue();
    const status = BindingStatus.INSUFFICIENT_RESOURCES;
    let sent = 0;
    for (let i = 0; i < 10; i++) {
      dialogue.attach();
      for (const update of dialogue.updates()) {
        sent++;
        dialogue.receive(acknowledgement(update, { status }));
      }
      dialogue.advance(20);
    }
    expect(sent).toBe(3);
  });
});
