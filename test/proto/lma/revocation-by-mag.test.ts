import { describe, expect, it } from 'vitest';
import type { LmaConfig } from '#proto/lma/events.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import type { BindingRevocationAcknowledgement, MobilityOption } from '#wire/mobility/index.ts';
import {
  AuthenticationSubtype,
  BindingRevocationFlag,
  decodeMobilityHeader,
  encodeAuthenticated,
  HandoffIndicator,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import {
  baseConfig,
  Dialogue,
  ipv4,
  ipv6,
  ipv6Prefix,
  MAG1,
  MAG2,
  mobileNodeIdentifier,
  peer,
  STRANGER,
} from './dialogue.ts';

const { P, V, G } = BindingRevocationFlag;
const { ADMINISTRATIVE_REASON, PER_PEER_POLICY, REVOKING_NODE_LOCAL_POLICY, USER_INITIATED_TERMINATION } =
  RevocationTrigger;
const MN1 = mobileNodeIdentifier('mn1@example.com');

interface Indication {
  from?: typeof MAG1;
  trigger?: number;
  flags?: number;
  options?: readonly MobilityOption[];
}

function indicate(dialogue: Dialogue, { from = MAG1, trigger, flags = P, options = [MN1] }: Indication = {}) {
  const kind = 'binding-revocation-indication' as const;
  const message = { kind, trigger: trigger ?? USER_INITIATED_TERMINATION, sequence: 77, flags, options };
  return dialogue
    .receive(from, message)
    .flatMap((output) =>
      output.kind === 'send' && output.message.kind === 'binding-revocation-acknowledgement'
        ? [{ to: `${output.to.remote}`, message: output.message }]
        : [],
    );
}

function answer(dialogue: Dialogue, indication?: Indication): BindingRevocationAcknowledgement {
  const [one, ...more] = indicate(dialogue, indication);
  expect(more).toEqual([]);
  if (!one) throw new Error('no acknowledgement');
  return one.message;
}

/** Two interfaces of mn1 with two prefixes and one, and mn2, all at MAG1; mn3 at MAG2. */
function served(config: Partial<LmaConfig> = {}): Dialogue {
  const dialogue = new Dialogue({ prefixMaximum: 2, ...config });
  dialogue.update({ linkLayer: '020000000001', prefixes: ['::/0', '::/0'] });
  dialogue.pass(1);
  dialogue.update({ linkLayer: '020000000002', prefixes: ['::/0'], home: [] });
  dialogue.update({ nai: 'mn2@example.com', linkLayer: '020000000003' });
  dialogue.update({ nai: 'mn3@example.com', linkLayer: '020000000004', from: MAG2 });
  return dialogue;
}

const states = (dialogue: Dialogue) =>
  dialogue.lma
    .snapshot()
    .map(({ nai, llid, state }) => `${nai.split('@')[0]} ${llid.slice(-1)} ${state}`)
    .sort();

const authorized = (extra: Partial<LmaConfig['peers'][number]> = {}): Partial<LmaConfig> => ({
  peers: [
    { name: 'mag1', ipv6: MAG1, globalRevocation: true, ...extra },
    { name: 'mag1', ipv6: ipv6('2001:db8:cafe:1025::16'), globalRevocation: true },
    { name: 'mag2', ipv6: MAG2 },
  ],
});

describe('a MAG that revokes a mobile node', () => {
  it('[RFC 5846 §8.2(6), §8.2, §6.1.2(2)] by its identifier ends all its sessions there, as if they were de-registered', () => {
    const dialogue = served();
    expect(answer(dialogue)).toMatchObject({ status: RevocationStatus.SUCCESS, sequence: 77, flags: P, options: [] });
    expect(states(dialogue)).toEqual(['mn1 1 deleting', 'mn1 2 deleting', 'mn2 3 active', 'mn3 4 active']);
    expect(dialogue.forwarding.size).toBe(2);
    dialogue.pass(10_000);
    expect(states(dialogue)).toEqual(['mn2 3 active', 'mn3 4 active']);
  });

  it('[RFC 5846 §8.2(6)] by one of its prefixes ends the session that has it, and no other', () => {
    const dialogue = served();
    const prefix = ipv6Prefix(dialogue.lma.snapshot()[0]?.hnps[1] ?? '');
    const options: MobilityOption[] = [MN1, { kind: 'home-network-prefix', prefix, offLink: false }];
    expect(answer(dialogue, { options }).status).toBe(RevocationStatus.SUCCESS);
    expect(states(dialogue)).toEqual(['mn1 1 deleting', 'mn1 2 active', 'mn2 3 active', 'mn3 4 active']);
  });

  it('[RFC 5846 §8.2(5), §5.2(2), §8.2(6)] by prefixes of which one is gone is told of that one: partial success', () => {
    const dialogue = served();
    const held = ipv6Prefix(dialogue.lma.snapshot()[1]?.hnps[0] ?? '');
    const options: MobilityOption[] = [
      MN1,
      { kind: 'home-network-prefix', prefix: held, offLink: false },
      { kind: 'home-network-prefix', prefix: ipv6Prefix('2001:db8:f00d:99::/64'), offLink: false },
    ];
    const { status, options: told } = answer(dialogue, { options });
    expect(status).toBe(RevocationStatus.PARTIAL_SUCCESS);
    expect(told).toMatchObject([{ kind: 'mobile-node-identifier' }, { kind: 'home-network-prefix' }]);
    expect(`${(told[1] as { prefix: unknown }).prefix}`).toBe('2001:db8:f00d:99::/64');
    expect(states(dialogue)[1]).toBe('mn1 2 deleting');
  });

  it('[RFC 5846 §8.2(6), §6.1.2(8)] with the V flag gives up the IPv4 home address only', () => {
    const dialogue = served();
    const home = dialogue.lma.snapshot()[0]?.hoa ?? '';
    const address: MobilityOption = { kind: 'ipv4-home-address-request', prefixLength: 24, address: ipv4(home) };
    expect(answer(dialogue, { flags: P | V, options: [MN1, address] })).toMatchObject({ status: 0, flags: P | V });
    expect(dialogue.lma.snapshot().find(({ llid }) => llid.endsWith('1'))).toMatchObject({
      state: 'active',
      hoa: null,
    });
    expect(answer(dialogue, { flags: P | V, options: [MN1, address] }).status).toBe(128);
    expect(answer(dialogue, { flags: P | V }).status).toBe(RevocationStatus.IPV4_HOME_ADDRESS_OPTION_REQUIRED);
  });

  it('[RFC 5846 §6.2.1(4), §6.1.2(3)] that it does not serve, or does not name, is told so', () => {
    const dialogue = served();
    expect(answer(dialogue, { from: MAG2 })).toMatchObject({ status: RevocationStatus.BINDING_DOES_NOT_EXIST });
    expect(answer(dialogue, { options: [] }).status).toBe(RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED);
    expect(states(dialogue).filter((row) => row.endsWith('active'))).toHaveLength(4);
  });

  it('[RFC 5846 §8.2(1)] without the P flag means other bindings than the proxy bindings that there are', () => {
    const dialogue = served();
    expect(answer(dialogue, { flags: 0 })).toMatchObject({ status: 128, flags: 0 });
    expect(states(dialogue)[0]).toBe('mn1 1 active');
  });

  it('[RFC 5846 §6.2.1(2), §6.2.1(3), §6.1.2(5)] with a trigger that does not exist, or not for this, is refused', () => {
    const dialogue = served(authorized());
    expect(answer(dialogue, { trigger: 77 }).status).toBe(RevocationStatus.TRIGGER_NOT_SUPPORTED);
    expect(answer(dialogue, { trigger: 250 }).status).toBe(RevocationStatus.TRIGGER_NOT_SUPPORTED);
    expect(answer(dialogue, { trigger: REVOKING_NODE_LOCAL_POLICY, flags: P | G }).status).toBe(133);
    expect(answer(dialogue, { trigger: PER_PEER_POLICY }).status).toBe(RevocationStatus.FUNCTION_NOT_SUPPORTED);
    expect(answer(dialogue, { trigger: ADMINISTRATIVE_REASON, flags: P | G })).toMatchObject({
      status: RevocationStatus.FUNCTION_NOT_SUPPORTED,
      flags: P | G,
    });
    expect(states(dialogue)[0]).toBe('mn1 1 active');
  });

  it('[RFC 5846 §6.1.2(1)] gets no answer where it is not served', () => {
    const dialogue = served();
    expect(indicate(dialogue, { from: STRANGER })).toEqual([]);
    expect(dialogue.lma.stats).toMatchObject({ briFromStrangers: 1, briReceived: 0 });
  });

  it('[RFC 5846 §6.1.2(4), §6.1.2(6)] that asks again gets the same answer until the binding is deleted', () => {
    const dialogue = served();
    expect(answer(dialogue)).toMatchObject({ status: 0, sequence: 77, flags: P });
    dialogue.pass(1000);
    expect(answer(dialogue)).toMatchObject({ status: 0, sequence: 77, flags: P });
    dialogue.pass(10_000);
    expect(answer(dialogue).status).toBe(RevocationStatus.BINDING_DOES_NOT_EXIST);
    expect(dialogue.lma.stats.briAnswered).toEqual({ 0: 2, 128: 1 });
  });

  it('leaves its addresses to the node that turns up elsewhere meanwhile', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    answer(dialogue);
    dialogue.pass(500);
    expect(dialogue.acknowledged({ from: MAG2, handoff: HandoffIndicator.UNKNOWN }).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2', state: 'active', hoa: '192.0.2.1' }]);
  });
});

describe('a MAG that revokes all that it has', () => {
  const global: Indication = { trigger: PER_PEER_POLICY, flags: P | G, options: [mobileNodeIdentifier('mag1')] };

  it('[RFC 5846 §8.2(2), §8.2(4), §6.1.2(7)] names itself, may do so, and ends all its bindings', () => {
    const dialogue = served(authorized());
    expect(answer(dialogue, global)).toMatchObject({ status: 0, sequence: 77, flags: P | G });
    expect(states(dialogue)).toEqual(['mn1 1 deleting', 'mn1 2 deleting', 'mn2 3 deleting', 'mn3 4 active']);
  });

  it.each([
    ['may not', served(), global],
    ['does not say who it is', served(authorized()), { ...global, options: [] }],
    ['names another', served(authorized()), { ...global, options: [mobileNodeIdentifier('mag2')] }],
    [
      'means another’s care-of address',
      served(authorized()),
      {
        ...global,
        options: [...(global.options ?? []), { kind: 'alternate-care-of-address' as const, address: MAG2 }],
      },
    ],
  ])('[RFC 5846 §8.2(3), §8.2(2)] that %s is refused with status 130', (_, dialogue, indication) => {
    expect(answer(dialogue, indication).status).toBe(RevocationStatus.GLOBAL_REVOCATION_NOT_AUTHORIZED);
    expect(states(dialogue).every((row) => row.endsWith('active'))).toBe(true);
  });

  it('[RFC 5846 §8.2(4)] may mean another care-of address of its own', () => {
    const dialogue = served(authorized());
    const second = ipv6('2001:db8:cafe:1025::16');
    dialogue.update({ nai: 'mn5@example.com', linkLayer: '020000000005', from: second });
    const options: MobilityOption[] = [
      mobileNodeIdentifier('mag1'),
      { kind: 'alternate-care-of-address', address: second },
    ];
    expect(answer(dialogue, { ...global, options }).status).toBe(0);
    expect(states(dialogue).filter((row) => row.endsWith('deleting'))).toEqual(['mn5 5 deleting']);
  });

  it('[RFC 5846 §6.2.1(4)] and has nothing is told so', () => {
    expect(answer(new Dialogue(authorized()), global).status).toBe(RevocationStatus.BINDING_DOES_NOT_EXIST);
    expect(baseConfig.peers.every((peer) => peer.globalRevocation === undefined)).toBe(true);
  });
});

describe('where a key protects registrations, and nothing else', () => {
  const authentication = {
    subtype: AuthenticationSubtype.MN_HA,
    spi: 0x100,
    hmac: new HmacSha1(new TextEncoder().encode('key')),
  };

  /** Registers mn1 with the key. */
  function keyed(config: Partial<LmaConfig>): Dialogue {
    const dialogue = new Dialogue(config);
    const octets = encodeAuthenticated(dialogue.build({}), [authentication], MAG1);
    const decoded = decodeMobilityHeader(octets);
    if (!decoded.ok) throw new Error(decoded.error.rule);
    dialogue.tell({ kind: 'message', from: peer(MAG1), message: decoded.value, octets });
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active' }]);
    return dialogue;
  }

  it('[RFC 5846 §13, §6.2] takes no revocation, which anybody could send in the name of the MAG, and counts it', () => {
    const ofPeer = baseConfig.peers.map((each) => ({ ...each, authentication }));
    for (const dialogue of [keyed({ authentication }), keyed({ peers: ofPeer })]) {
      expect(indicate(dialogue)).toEqual([]);
      expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active' }]);
      expect(dialogue.lma.stats.briNotAuthentic).toBe(1);
    }
  });

  it('takes one where IPsec protects it', () => {
    const ofPeer = baseConfig.peers.map((each) => ({ ...each, ipsec: true }));
    for (const dialogue of [keyed({ authentication, ipsec: true }), keyed({ authentication, peers: ofPeer })]) {
      expect(answer(dialogue).status).toBe(RevocationStatus.SUCCESS);
      expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'deleting' }]);
    }
  });
});
