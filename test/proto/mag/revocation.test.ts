import { describe, expect, it } from 'vitest';
import {
  BindingRevocationFlag,
  BindingStatus,
  type MobilityOption,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import {
  ACC0,
  ACC1,
  acknowledgement,
  HOME_ADDRESS,
  handoff,
  LMA,
  MagDialogue,
  MN,
  naiOption,
  PREFIX,
  p6,
  revocation,
  v4,
  v6,
} from './dialogue.ts';

const { P, G, V } = BindingRevocationFlag;

describe('a Binding Revocation Indication', () => {
  it('[RFC 5846 §9.1] ends the session of the mobile node before the acknowledgement, without a de-registration', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.receive(revocation());
    expect(dialogue.story()).toEqual([
      'forward clear',
      `session-ended departed on ${ACC0}`,
      'send binding-revocation-acknowledgement',
      'log binding-revocation',
    ]);
    expect(dialogue.mag.snapshot()).toEqual([]);
    dialogue.advance(4_000_000);
    expect(dialogue.outputs).toEqual([]);
  });

  it('[RFC 5846 §6.1.2(2), §6.1.2(4), §6.1.2(5), §6.1.2(6), §6.1.2] is acknowledged with its sequence number and its bits P, V and G', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.receive(revocation());
    expect(dialogue.revocationAnswer()).toEqual({
      kind: 'binding-revocation-acknowledgement',
      status: RevocationStatus.SUCCESS,
      sequence: 0x4711,
      flags: P,
      options: [],
    });
  });

  it('withdraws the addresses from the node when it is not about a handover', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.receive(revocation({ trigger: RevocationTrigger.ADMINISTRATIVE_REASON }));
    expect(dialogue.story()).toContain(`session-ended withdrawn on ${ACC0}`);
  });

  it('[RFC 5846 §6.1.2] is acknowledged again as unknown when it is repeated', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.receive(revocation());
    dialogue.outputs = [];
    dialogue.receive(revocation());
    expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.BINDING_DOES_NOT_EXIST);
  });

  it('[RFC 5846 §9.1] is rejected while the node has just attached here: it is about an earlier stay', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('hostapd');
    const update = dialogue.update();
    dialogue.receive(revocation());
    expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.MOBILE_NODE_IS_ATTACHED);
    dialogue.receive(acknowledgement(update));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('ACTIVE');
  });

  describe('during an arrival', () => {
    const ofPrefix = {
      trigger: RevocationTrigger.INTER_MAG_HANDOVER_SAME_ACCESS_TYPE,
      options: [
        naiOption(MN.toCiscoString()),
        { kind: 'home-network-prefix', prefix: PREFIX, offLink: false },
      ] as MobilityOption[],
    };

    it.each([
      ['of a new node, whose prefix only the LMA knows', false],
      ['of a node with a session', true],
    ])('[RFC 5846 §9.1] is accepted when no answer came and nothing was heard since, %s', (_, active) => {
      const dialogue = new MagDialogue();
      if (active) dialogue.becomeActive();
      dialogue.attach('hostapd');
      dialogue.advance(1500);
      dialogue.receive(revocation(ofPrefix));
      expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.SUCCESS);
      expect(dialogue.mag.snapshot()).toEqual([]);
      dialogue.advance(4_000_000);
      expect(dialogue.outputs).toEqual([]);
    });

    it.each(['heard', 'attached'] as const)('[RFC 5846 §9.1] is refused when a frame was %s since', (kind) => {
      const dialogue = new MagDialogue();
      dialogue.attach('layer-2-update');
      dialogue.advance(1500);
      dialogue.handle({ kind, interface: ACC0, mac: MN, trigger: 'data' });
      dialogue.outputs = [];
      dialogue.receive(revocation(ofPrefix));
      expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.MOBILE_NODE_IS_ATTACHED);
    });

    it('[RFC 5213 §6.9.4(2)] that may cross it is refused, and the arrival is not sent again unless the node is heard', () => {
      const dialogue = new MagDialogue();
      dialogue.attach('layer-2-update');
      dialogue.advance(500);
      dialogue.outputs = [];
      dialogue.receive(revocation(ofPrefix));
      expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.MOBILE_NODE_IS_ATTACHED);
      dialogue.advance(500);
      expect(dialogue.story()).toEqual(['log registration-abandoned', `session-ended departed on ${ACC0}`]);
      expect(dialogue.mag.snapshot()).toEqual([]);
      expect(dialogue.mag.stats.registrationsAbandoned).toBe(1);
    });

    it('[RFC 5213 §6.9.4(2)] that was refused does not end the arrival of a node that is heard after', () => {
      const dialogue = new MagDialogue();
      dialogue.attach('layer-2-update');
      dialogue.receive(revocation(ofPrefix));
      dialogue.outputs = [];
      dialogue.handle({ kind: 'heard', interface: ACC0, mac: MN });
      dialogue.advance(1000);
      dialogue.receive(acknowledgement(dialogue.update()));
      expect(dialogue.mag.snapshot()[0]?.state).toBe('ACTIVE');
    });

    it('[RFC 5213 §6.9.1.2(8)] that was refused keeps it from asserting a presence of which there is no sign', () => {
      const dialogue = new MagDialogue();
      dialogue.attach('layer-2-update');
      const update = dialogue.update();
      dialogue.receive(revocation(ofPrefix));
      dialogue.outputs = [];
      dialogue.receive(acknowledgement(update, { status: BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED }));
      expect(dialogue.updates()).toEqual([]);
      expect(dialogue.mag.snapshot()).toEqual([]);
    });
  });

  describe('of a node that may be here all the same', () => {
    const asking = { trigger: RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN };
    const [ACCEPTED, ATTACHED] = [RevocationStatus.SUCCESS, RevocationStatus.MOBILE_NODE_IS_ATTACHED];
    const silent = () => {
      const dialogue = new MagDialogue();
      dialogue.becomeActive();
      dialogue.present = false;
      return dialogue;
    };

    it('[RFC 5846 §9.1(4)] is not answered before the node was looked for, and accepted after half a second without a sign of it', () => {
      const dialogue = silent();
      dialogue.receive(revocation(asking));
      expect(dialogue.story()).toEqual([`ask-presence on ${ACC0} at once`]);
      dialogue.advance(499);
      expect(dialogue.story()).toEqual([]);
      dialogue.advance(1);
      expect(dialogue.story()).toEqual([
        'forward clear',
        `session-ended departed on ${ACC0}`,
        'send binding-revocation-acknowledgement',
        'log binding-revocation',
      ]);
      expect(dialogue.mag.snapshot()).toEqual([]);
      expect(dialogue.mag.nextTimeout()).toBeUndefined();
      expect(dialogue.mag.stats).toMatchObject({ briHeld: 1, briAccepted: 1, bindingsRevoked: 1 });
    });

    it('[RFC 5846 §9.1(4)] is rejected when the node answers, which is registered as an arrival then', () => {
      const dialogue = silent();
      dialogue.receive(revocation(asking));
      dialogue.advance(30);
      dialogue.outputs = [];
      dialogue.handle({ kind: 'heard', interface: ACC0, mac: MN });
      const sent = dialogue.outputs.flatMap((output) => (output.kind === 'send' ? [output.message] : []));
      expect(sent).toMatchObject([{ status: ATTACHED, sequence: 0x4711 }, { kind: 'binding-update' }]);
      expect(handoff(dialogue.update())).toBe(4);
      expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'REFRESH_PENDING' }]);
    });

    it('[RFC 5846 §9.1] is proved as well where an access point announced the node since the LMA accepted, whatever the trigger', () => {
      const dialogue = silent();
      dialogue.receive(revocation());
      expect(dialogue.revocationAnswer().status).toBe(ACCEPTED);
      const again = silent();
      again.attach('layer-2-update');
      again.outputs = [];
      again.receive(revocation());
      expect(again.story()).toEqual([`ask-presence on ${ACC0} at once`]);
    });

    it('[RFC 5846 §6.2.1] is answered once, for the latest of its transmissions', () => {
      const dialogue = silent();
      dialogue.receive(revocation(asking));
      dialogue.receive(revocation(asking));
      dialogue.outputs = [];
      dialogue.advance(1000);
      expect(dialogue.revocationAnswer().status).toBe(ACCEPTED);
    });

    it('is accepted at once when the access link says that nobody answers, and no de-registration follows', () => {
      const dialogue = silent();
      dialogue.receive(revocation(asking));
      dialogue.outputs = [];
      dialogue.detach('no-answer');
      expect(dialogue.story()).toEqual([
        'forward clear',
        `session-ended departed on ${ACC0}`,
        'send binding-revocation-acknowledgement',
        'log binding-revocation',
      ]);
    });

    it('is rejected when the node turns up on another interface of the gateway', () => {
      const dialogue = silent();
      dialogue.receive(revocation(asking));
      dialogue.outputs = [];
      dialogue.attach('layer-2-update', ACC1);
      expect(dialogue.revocationAnswer().status).toBe(ATTACHED);
      dialogue.advance(1000);
      expect(dialogue.mag.snapshot()).toMatchObject([{ interface: ACC1 }]);
    });

    it('is answered when the session ends for another reason meanwhile', () => {
      const dialogue = silent();
      dialogue.receive(revocation(asking));
      dialogue.outputs = [];
      dialogue.handle({ kind: 'clear-bindings' });
      dialogue.receive(acknowledgement(dialogue.update()));
      expect(dialogue.revocationAnswer().status).toBe(ACCEPTED);
      expect(dialogue.mag.nextTimeout()).toBeUndefined();
    });
  });

  it('ends a de-registration that is under way', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach();
    dialogue.outputs = [];
    dialogue.receive(revocation());
    expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.SUCCESS);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('[RFC 5846 §8.1] means the bindings with the prefixes that it names', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    const hnp = (text: string) => ({ kind: 'home-network-prefix', prefix: p6(text), offLink: false }) as const;
    dialogue.receive(revocation({ options: [naiOption(MN.toCiscoString()), hnp('2001:db8:f00d:9::/64')] }));
    expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.BINDING_DOES_NOT_EXIST);
    dialogue.receive(revocation({ options: [naiOption(MN.toCiscoString()), hnp(PREFIX.toString())] }));
    expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.SUCCESS);
  });

  it('[RFC 5846 §6.1.2(1), §6.2, §6.1.2] from an address that is no LMA is dropped and counted, without an answer', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.receive(revocation(), { ...LMA, remote: v6('2001:db8:bad::1') });
    expect(dialogue.outputs).toEqual([]);
    expect(dialogue.mag.stats.messagesFromUnknownPeer).toBe(1);
    expect(dialogue.mag.snapshot()).toHaveLength(1);
  });

  const refused: [string, Parameters<typeof revocation>[0], number][] = [
    ['[RFC 5846 §6.2.1] of an unknown trigger', { trigger: 77 }, RevocationStatus.TRIGGER_NOT_SUPPORTED],
    [
      '[RFC 5846 §6.2.1] of a per-node trigger with G',
      { flags: P | G, trigger: 1 },
      RevocationStatus.FUNCTION_NOT_SUPPORTED,
    ],
    ['[RFC 5846 §6.2.1] of a global trigger without G', { trigger: 128 }, RevocationStatus.FUNCTION_NOT_SUPPORTED],
    ['[RFC 5846 §6.2.1] of an unknown node', { options: [naiOption('x@y')] }, RevocationStatus.BINDING_DOES_NOT_EXIST],
    ['[RFC 5846 §5.1] of no node', { options: [] }, RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED],
    ['of a binding that is no proxy one', { flags: 0 }, RevocationStatus.BINDING_DOES_NOT_EXIST],
    [
      '[RFC 5846 §9.1(1)] of all of a peer, with an option',
      { flags: P | G, trigger: 128 },
      RevocationStatus.FUNCTION_NOT_SUPPORTED,
    ],
    [
      '[RFC 5846 §9.1(3)] of a realm without a node here',
      { flags: P | G, trigger: 129, options: [naiOption('@elsewhere')] },
      RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED,
    ],
    [
      '[RFC 5846 §9.1(5)] of an IPv4 home address that the node has not',
      {
        flags: P | V,
        options: [
          naiOption(MN.toCiscoString()),
          { kind: 'ipv4-home-address-request', prefixLength: 24, address: v4('192.0.2.77') },
        ],
      },
      RevocationStatus.BINDING_DOES_NOT_EXIST,
    ],
    ['of an IPv4 home address that is not said', { flags: P | V }, RevocationStatus.IPV4_HOME_ADDRESS_OPTION_REQUIRED],
  ];
  it.each(refused)('%s is refused and ends nothing', (_, change, status) => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.receive(revocation(change));
    expect(dialogue.revocationAnswer().status).toBe(status);
    expect(dialogue.mag.snapshot()[0]?.state).toBe('ACTIVE');
    expect(dialogue.mag.stats.briRejected).toBe(1);
  });

  it('[RFC 5846 §9.1(5)] with the V bit takes the IPv4 home address alone', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    const option = { kind: 'ipv4-home-address-request', prefixLength: 24, address: HOME_ADDRESS } as const;
    const trigger = RevocationTrigger.USER_INITIATED_TERMINATION;
    dialogue.receive(revocation({ flags: P | V, trigger, options: [naiOption(MN.toCiscoString()), option] }));
    expect(dialogue.story().slice(0, 3)).toEqual([
      `forward set - ${PREFIX} on ${ACC0} via 2001:db8:cafe:1024::101`,
      `session-active - ${PREFIX} on ${ACC0}`,
      'send binding-revocation-acknowledgement',
    ]);
    expect(dialogue.mag.snapshot()[0]).toMatchObject({ state: 'ACTIVE', hoa: null, hnps: [PREFIX.toString()] });
  });

  it('[RFC 5846 §9.1(1)] of all of a peer ends every session with it', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.receive(revocation({ flags: P | G, trigger: RevocationTrigger.PER_PEER_POLICY, options: [] }));
    expect(dialogue.revocationAnswer()).toMatchObject({ status: RevocationStatus.SUCCESS, flags: P | G });
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it.each([
    ['@example.com', 0],
    ['@foo.example.com', 1],
  ])('[RFC 5846 §9.1(2)] of the realm %s leaves %i binding', (realm, left) => {
    const nai = '1234abdelta@example.com';
    const dialogue = new MagDialogue({
      localProfiles: [{ mac: MN, nai }],
      profiles: [{ nai, service: 'dual' }],
    });
    dialogue.becomeActive();
    const trigger = RevocationTrigger.REVOKING_NODE_LOCAL_POLICY;
    dialogue.receive(revocation({ flags: P | G, trigger, options: [naiOption(realm)] }));
    expect(dialogue.mag.snapshot()).toHaveLength(left);
  });
});
