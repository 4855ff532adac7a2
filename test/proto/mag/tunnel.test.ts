import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import type { MagConfig, MagLma, MagProfile } from '#proto/mag/index.ts';
import {
  BindingAcknowledgementFlag,
  BindingStatus,
  type BindingUpdate,
  BindingUpdateFlag,
  findOption,
  type MobilityOption,
} from '#wire/mobility/index.ts';
import { INFINITE } from '#wire/time-units.ts';
import {
  ACC0,
  type Answer,
  acknowledgement,
  LMA,
  LMA_ADDRESS,
  LMA_IPV4,
  LMA_UDP,
  MAG_ADDRESS,
  MAG_IPV4,
  MagDialogue,
  MN2,
  magConfig,
} from './dialogue.ts';

const GRE_IPV6 = { transport: 'ipv6', mode: 'gre' } as const;
const GRE_IPV4 = { transport: 'ipv4-udp', mode: 'gre' } as const;
const UDP = { transport: 'ipv4-udp', mode: 'udp' } as const;
const { P, T } = BindingAcknowledgementFlag;

interface Setting {
  readonly tunnel?: MagLma['tunnel'];
  readonly interop?: MagLma['interop'];
  readonly profile?: Partial<MagProfile>;
  readonly config?: Partial<MagConfig>;
}

function dual({ tunnel, interop, profile, config }: Setting): MagDialogue {
  const own = { nai: 'p', service: 'dual', ...profile } as const;
  return new MagDialogue({
    addresses: { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 },
    lmas: [{ name: 'lma1', ipv6: LMA_ADDRESS, ipv4: LMA_IPV4, ...(tunnel && { tunnel }), ...(interop && { interop }) }],
    interfaces: magConfig().interfaces.map((at) => ({ ...at, defaultProfile: own })),
    profiles: [own],
    ...config,
  });
}

function keyOf(update: BindingUpdate): number | 'without' | undefined {
  const option = findOption(update.options, 'gre-key');
  return option && (option.key ?? 'without');
}

const key = (value: number | undefined): MobilityOption => ({ kind: 'gre-key', key: value });

function nat(force: boolean, refreshTime = INFINITE): MobilityOption {
  return { kind: 'nat-detection', forceUdpEncapsulation: force, refreshTime };
}

/** The path that was last set, as `udp+tlv+gre 7/9 203.0.113.2>203.0.113.1`. */
function path(dialogue: MagDialogue): string | undefined {
  const set = dialogue.outputs.flatMap((output) =>
    output.kind === 'forward' && output.change.kind === 'set' ? [output.change.forwarding.paths[0]] : [],
  );
  const last = set.at(-1);
  if (!last) return undefined;
  const { encapsulation: how } = last;
  const gre = how.kind === 'gre' ? how : how.kind === 'udp' ? how.gre : undefined;
  const words = [
    how.kind === 'udp' ? `udp ${how.localPort}/${how.remotePort}${how.tlvHeader ? ' tlv' : ''}` : '',
    gre ? `gre${gre.keys ? ` ${gre.keys.send}/${gre.keys.receive}` : ''}` : '',
    how.kind === 'ip' ? 'ip' : '',
  ].filter((word) => word !== '');
  return `${words.join(' ')} ${last.local}>${last.remote}`;
}

/** Whether the forwarding that was last set says that no other mobile node has its key. */
function hasOwnKey(dialogue: MagDialogue): boolean | undefined {
  const set = dialogue.outputs.flatMap((output) =>
    output.kind === 'forward' && output.change.kind === 'set' ? [output.change.forwarding] : [],
  );
  const last = set.at(-1);
  return last?.kind === 'access' ? last.hasOwnKey : undefined;
}

/** Attaches and answers; the outputs of the answer are left to look at. */
function answered(dialogue: MagDialogue, answer: Answer = {}, from = LMA): BindingUpdate {
  dialogue.attach();
  const update = dialogue.update();
  dialogue.receive(acknowledgement(update, answer), from);
  return update;
}

describe('the transport', () => {
  it.each([
    [undefined, { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 }, LMA_ADDRESS],
    [undefined, { ipv4: MAG_IPV4 }, LMA_IPV4],
    [GRE_IPV6, { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 }, LMA_ADDRESS],
    [GRE_IPV4, { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 }, LMA_IPV4],
    [UDP, { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 }, LMA_IPV4],
  ])('is that of the encapsulation, or of what both ends have', (tunnel, addresses, remote) => {
    const dialogue = dual({ tunnel, config: { addresses } });
    dialogue.attach();
    const sent = dialogue.outputs.find((output) => output.kind === 'send');
    expect(sent?.to.remote).toEqual(remote);
    expect(sent?.to.transport).toBe(remote === LMA_IPV4 ? 'ipv4-udp' : 'ipv6');
  });

  it('refuses a mobile node when there is no address for it', () => {
    const dialogue = dual({ tunnel: UDP, config: { addresses: { ipv6: MAG_ADDRESS } } });
    dialogue.attach();
    expect(dialogue.story()).toEqual(['log no-lma', 'session-refused no LMA']);
  });

  it('[RFC 5844 §4.2.2(1), §4.2.2(5), §4.2.2(6), §4.2.1, §4.1.2, §3.2.3.1(3)] makes an IPv4 tunnel over IPv4 without GRE Key or NAT Detection option', () => {
    const dialogue = dual({ config: { addresses: { ipv4: MAG_IPV4 } } });
    answered(dialogue, {}, LMA_UDP);
    expect(path(dialogue)).toBe('ip 203.0.113.2>203.0.113.1');
    expect(dialogue.mag.snapshot()).toMatchObject([{ encapsulation: 'IP in IPV4', transport: 'ipv4-udp' }]);
  });

  it('takes no answer over the other transport than that of the request', () => {
    const dialogue = dual({ tunnel: UDP });
    answered(dialogue, {}, LMA);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT' }]);
    expect(dialogue.mag.stats.pbaUnmatched).toBe(1);
  });
});

describe('UDP encapsulation', () => {
  it('[RFC 5844 §4.2.2.1(3), §5.2, §3.2.3.2(7)] is asked for by the F flag of every message of the session', () => {
    const dialogue = dual({ tunnel: UDP });
    const update = answered(dialogue, { more: [nat(true)] }, LMA_UDP);
    expect(update.flags).toBe(BindingUpdateFlag.A | BindingUpdateFlag.P | BindingUpdateFlag.F);
    expect(path(dialogue)).toBe('udp 5437/5437 203.0.113.2>203.0.113.1');
    dialogue.outputs = [];
    dialogue.advance(300_000);
    expect(dialogue.update().flags).toBe(update.flags);
  });

  it('[RFC 5844 §4.2.2(6)] is not used when the answer has no NAT Detection option with the F flag', () => {
    for (const more of [[], [nat(false)]]) {
      const dialogue = dual({ tunnel: UDP });
      answered(dialogue, { more }, LMA_UDP);
      expect(path(dialogue)).toBe('ip 203.0.113.2>203.0.113.1');
    }
  });

  it('[RFC 5844 §4.2.2(6)] is used when the LMA forces it', () => {
    const dialogue = dual({ config: { addresses: { ipv4: MAG_IPV4 } } });
    expect(answered(dialogue, { more: [nat(true)] }, LMA_UDP).flags & BindingUpdateFlag.F).toBe(0);
    expect(path(dialogue)).toBe('udp 5437/5437 203.0.113.2>203.0.113.1');
  });

  it('[RFC 5844 §4.1.3.1] names the cause when the LMA accepts none by force', () => {
    const dialogue = dual({ tunnel: UDP });
    answered(dialogue, { status: BindingStatus.ADMINISTRATIVELY_PROHIBITED }, LMA_UDP);
    const log = dialogue.outputs.find((output) => output.kind === 'log');
    expect(log?.text).toContain('encap udptunnel');
  });

  it('[RFC 5555 §4.2] states the address of the gateway, by which the LMA detects a NAT', () => {
    const dialogue = dual({ tunnel: UDP });
    const update = answered(dialogue, { more: [nat(true)] }, LMA_UDP);
    expect(findOption(update.options, 'ipv4-care-of-address')?.address).toEqual(MAG_IPV4);
    dialogue.detach();
    expect(findOption(dialogue.update().options, 'ipv4-care-of-address')).toBeUndefined();
    expect(
      findOption(answered(dual({ tunnel: GRE_IPV4 }), {}, LMA_UDP).options, 'ipv4-care-of-address'),
    ).toBeUndefined();
  });

  it('keeps the state of a NAT on the port of data: at once, and every 20 s for all mobile nodes together', () => {
    const dialogue = dual({ tunnel: UDP });
    const keepalives = () => dialogue.story().filter((line) => line.startsWith('keep-alive'));
    const arrive = (mac: typeof MN2 | undefined, homeAddress: string) => {
      dialogue.attach('layer-2-update', ACC0, mac);
      const answer = { more: [nat(true, seconds(110))], homeAddress, prefixes: [] };
      dialogue.receive(acknowledgement(dialogue.update(), answer), LMA_UDP);
      expect(keepalives()).toEqual([`keep-alive from ${homeAddress}`]);
    };
    arrive(undefined, '192.0.2.7');
    arrive(MN2, '192.0.2.8');
    dialogue.advance(60_000);
    expect(keepalives()).toEqual(Array(3).fill('keep-alive from 192.0.2.7'));
    dialogue.detach();
    dialogue.outputs = [];
    dialogue.advance(20_000);
    expect(keepalives()).toEqual(['keep-alive from 192.0.2.8']);
    dialogue.detach('station-left', ACC0, MN2);
    dialogue.outputs = [];
    dialogue.advance(60_000);
    expect(keepalives()).toEqual([]);
  });

  it('needs no keepalive where the LMA sees no NAT', () => {
    const dialogue = dual({ tunnel: UDP });
    answered(dialogue, { more: [nat(true, seconds(0))] }, LMA_UDP);
    dialogue.advance(60_000);
    expect(dialogue.outputs.filter(({ kind }) => kind === 'keep-alive')).toEqual([]);
  });

  it('[RFC 5555 §4.3] is kept alive as often as the LMA suggests, but not more often than every 4 s', () => {
    for (const [suggested, expected] of [
      [seconds(110), 110_000],
      [seconds(1), 4000],
      [INFINITE, 300_000],
      [seconds(0), 300_000],
    ] as const) {
      const dialogue = dual({ tunnel: UDP });
      answered(dialogue, { more: [nat(true, suggested)] }, LMA_UDP);
      dialogue.outputs = [];
      dialogue.advance(expected - 1);
      expect(dialogue.updates()).toEqual([]);
      dialogue.advance(1);
      expect(dialogue.updates()).toHaveLength(1);
    }
  });
});

describe('GRE', () => {
  it('[RFC 5845 §3.2, §4.2(1), §4.2(3)] is asked for by a GRE Key option without a key where none are made', () => {
    const dialogue = dual({ tunnel: GRE_IPV6 });
    expect(keyOf(answered(dialogue, { more: [key(undefined)] }))).toBe('without');
    expect(path(dialogue)).toBe(`gre ${MAG_ADDRESS}>${LMA_ADDRESS}`);
  });

  it('[RFC 5845 §3.3.1, §4.2(2), §4.2(4), §3.3.2] exchanges keys: the downlink one is of this gateway, the uplink one of the LMA', () => {
    const dialogue = dual({ tunnel: GRE_IPV4, config: { generateGreKeys: true } });
    const down = keyOf(answered(dialogue, { more: [key(77)] }, LMA_UDP));
    expect(down).toBeTypeOf('number');
    expect(path(dialogue)).toBe(`gre 77/${down} 203.0.113.2>203.0.113.1`);
    expect(dialogue.mag.snapshot()).toMatchObject([
      { encapsulation: 'GRE in IPV4', greKeyUpstream: 77, greKeyDownstream: down },
    ]);
  });

  it('[RFC 5845 §4.2(9)] says of a key that it made that no other mobile node has it, and not of a configured one', () => {
    const forwarded = (setting: Setting, answer: Answer) => {
      const dialogue = dual(setting);
      answered(dialogue, answer);
      return hasOwnKey(dialogue);
    };
    const makes = { config: { generateGreKeys: true } };
    const greKeys = { up: 1234, down: 5678 };
    expect(forwarded({ tunnel: GRE_IPV6, ...makes }, { more: [key(77)] })).toBe(true);
    expect(forwarded({ tunnel: GRE_IPV6, ...makes }, { more: [key(undefined)] })).toBeUndefined();
    expect(forwarded({ tunnel: GRE_IPV6, ...makes }, {})).toBeUndefined();
    expect(forwarded({ tunnel: GRE_IPV6, ...makes, profile: { greKeys } }, { more: [key(77)] })).toBeUndefined();
    expect(forwarded({ tunnel: GRE_IPV6, profile: { greKeys } }, {})).toBeUndefined();
  });

  it('[RFC 5845 §4.1, §3.3.2] gives each mobile node a downlink key of its own, which stays', () => {
    const dialogue = dual({ tunnel: GRE_IPV6, config: { generateGreKeys: true } });
    const first = keyOf(answered(dialogue, { more: [key(1)] }));
    dialogue.attach('dhcp', ACC0, MN2);
    const second = dialogue.update();
    expect(keyOf(second)).not.toBe(first);
    dialogue.receive(acknowledgement(second, { prefixes: ['2001:db8:f00d:2::/64'], homeAddress: '192.0.2.2' }));
    dialogue.outputs = [];
    dialogue.advance(300_000);
    expect(dialogue.updates().map(keyOf)).toContain(first);
  });

  it('[RFC 5845 §4.2] goes on without keys when the LMA answers without one', () => {
    const dialogue = dual({ tunnel: GRE_IPV6, config: { generateGreKeys: true } });
    answered(dialogue, { more: [key(undefined)] });
    expect(path(dialogue)).toBe(`gre ${MAG_ADDRESS}>${LMA_ADDRESS}`);
  });

  it('[RFC 5845 §4.2(8)] leaves the option out of de-registrations', () => {
    const dialogue = dual({ tunnel: GRE_IPV6, config: { generateGreKeys: true } });
    answered(dialogue, { more: [key(1)] });
    dialogue.outputs = [];
    dialogue.detach();
    expect(keyOf(dialogue.update())).toBeUndefined();
  });

  it('[RFC 5845 §4.2(7)] is not used, nor asked for again in the session, on GRE_KEY_OPTION_NOT_REQUIRED', () => {
    const dialogue = dual({ tunnel: GRE_IPV6, config: { generateGreKeys: true } });
    answered(dialogue, { status: BindingStatus.GRE_KEY_OPTION_NOT_REQUIRED });
    expect(path(dialogue)).toBe(`ip ${MAG_ADDRESS}>${LMA_ADDRESS}`);
    dialogue.outputs = [];
    dialogue.advance(300_000);
    expect(keyOf(dialogue.update())).toBeUndefined();
    dialogue.attach('dhcp', ACC0, MN2);
    expect(keyOf(dialogue.update())).toBeTypeOf('number');
  });

  it('[RFC 5845 §4.2(5)] is asked for no more of an LMA that took no notice', () => {
    const dialogue = dual({ tunnel: GRE_IPV6, config: { generateGreKeys: true } });
    answered(dialogue);
    expect(path(dialogue)).toBe(`ip ${MAG_ADDRESS}>${LMA_ADDRESS}`);
    expect(dialogue.story()).toContain('log gre-keys-not-supported');
    dialogue.attach('dhcp', ACC0, MN2);
    expect(keyOf(dialogue.update())).toBeUndefined();
  });

  it('[RFC 5845 §4.2(6)] is asked for at once on GRE_KEY_OPTION_REQUIRED, and once', () => {
    const dialogue = dual({});
    expect(keyOf(answered(dialogue, { status: BindingStatus.GRE_KEY_OPTION_REQUIRED }))).toBeUndefined();
    const again = dialogue.update();
    expect(keyOf(again)).toBeTypeOf('number');
    dialogue.receive(acknowledgement(again, { status: BindingStatus.GRE_KEY_OPTION_REQUIRED }));
    expect(dialogue.story()).toEqual(['log pbu-rejected', 'session-refused GRE_KEY_OPTION_REQUIRED']);
  });

  it('takes the keys of the profile: the downlink one in the message, both where the LMA negotiates none', () => {
    const dialogue = dual({ tunnel: GRE_IPV6, profile: { greKeys: { up: 1234, down: 5678 } } });
    expect(keyOf(answered(dialogue))).toBe(5678);
    expect(path(dialogue)).toBe(`gre 1234/5678 ${MAG_ADDRESS}>${LMA_ADDRESS}`);
  });

  it('moves forwarding when a re-registration changes the key, and announces nothing', () => {
    const dialogue = dual({ tunnel: GRE_IPV6, config: { generateGreKeys: true } });
    const down = keyOf(answered(dialogue, { more: [key(77)] }));
    dialogue.outputs = [];
    dialogue.advance(300_000);
    dialogue.receive(acknowledgement(dialogue.update(), { more: [key(78)] }));
    expect(path(dialogue)).toBe(`gre 78/${down} ${MAG_ADDRESS}>${LMA_ADDRESS}`);
    expect(dialogue.story()).toHaveLength(1);
  });
});

describe('GRE in UDP', () => {
  const config = { generateGreKeys: true };

  it('[RFC 5845 §7.3, §7.1, §7.3.1, §7.2] is asked for by the T flag and used when that is set in the answer', () => {
    const dialogue = dual({ tunnel: UDP, config });
    const update = answered(dialogue, { flags: P | T, more: [nat(true), key(77)] }, LMA_UDP);
    expect(update.flags & BindingUpdateFlag.T).toBe(BindingUpdateFlag.T);
    expect(path(dialogue)).toBe(`udp 5437/5437 tlv gre 77/${keyOf(update)} 203.0.113.2>203.0.113.1`);
    expect(dialogue.mag.snapshot()).toMatchObject([{ encapsulation: 'GRE in UDP in IPV4' }]);
  });

  it('[RFC 5845 §7.2] is asked for again at each re-registration, with the same key', () => {
    const dialogue = dual({ tunnel: UDP, config });
    const update = answered(dialogue, { flags: P | T, more: [nat(true), key(77)] }, LMA_UDP);
    dialogue.outputs = [];
    dialogue.advance(300_000);
    const refresh = dialogue.update();
    expect([refresh.flags, keyOf(refresh)]).toEqual([update.flags, keyOf(update)]);
    dialogue.receive(acknowledgement(refresh, { flags: P | T, more: [nat(true), key(77)] }), LMA_UDP);
    expect(dialogue.outputs.filter(({ kind }) => kind === 'forward')).toEqual([]);
  });

  it('[RFC 5845 §7.3] becomes GRE without UDP on GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED', () => {
    const dialogue = dual({ tunnel: UDP, config });
    const status = BindingStatus.GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED;
    const update = answered(dialogue, { status, flags: P | T, more: [nat(true), key(77)] }, LMA_UDP);
    expect(path(dialogue)).toBe(`gre 77/${keyOf(update)} 203.0.113.2>203.0.113.1`);
  });

  it('[RFC 5845 §4.2] becomes UDP alone on GRE_KEY_OPTION_NOT_REQUIRED', () => {
    const dialogue = dual({ tunnel: UDP, config });
    answered(dialogue, { status: BindingStatus.GRE_KEY_OPTION_NOT_REQUIRED, more: [nat(true)] }, LMA_UDP);
    expect(path(dialogue)).toBe('udp 5437/5437 203.0.113.2>203.0.113.1');
  });
});

describe('a peer of interoperation cisco', () => {
  it('has GRE by configuration, and is sent no GRE Key option', () => {
    const dialogue = dual({ tunnel: GRE_IPV4, interop: 'cisco', profile: { greKeys: { up: 100, down: 1 } } });
    expect(keyOf(answered(dialogue, {}, LMA_UDP))).toBeUndefined();
    expect(path(dialogue)).toBe('gre 100/1 203.0.113.2>203.0.113.1');
  });
});
