import { describe, expect, it } from 'vitest';
import type { Interop } from '#proto/peer.ts';
import { type BindingUpdate, findOption, type MobilityOption } from '#wire/mobility/index.ts';
import {
  acknowledgement,
  handoff,
  LMA_ADDRESS,
  MagDialogue,
  MN,
  magConfig,
  naiOption,
  PREFIX,
  requestedHomeAddress,
  revocation,
} from './dialogue.ts';

const LONG = '2001:db8:f00d:1::/128';

function dialogueWith(interop?: Interop, nai?: string): MagDialogue {
  const profile = { nai: nai ?? 'p', apn: 'example.com', service: 'dual' } as const;
  return new MagDialogue({
    lmas: [{ name: 'lma1', ipv6: LMA_ADDRESS, ...(interop && { interop }) }],
    interfaces: magConfig().interfaces.map((at) => ({ ...at, defaultProfile: profile })),
    ...(nai && { localProfiles: [{ mac: MN, nai }], profiles: [profile] }),
  });
}

function attached(dialogue: MagDialogue): BindingUpdate {
  dialogue.attach();
  return dialogue.update();
}

describe('a strict peer', () => {
  it('[RFC 5213 §6.9.1.2(1)] is told apart from a tolerated one when its answer has no P flag', () => {
    const dialogue = dialogueWith();
    dialogue.receive(acknowledgement(attached(dialogue), { flags: 0 }));
    const log = dialogue.outputs.find((output) => output.kind === 'log');
    expect(log?.text).toContain('interop tolerant');
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT' }]);
  });

  it('is refused with the reason when it assigns a prefix of 128 bits', () => {
    const dialogue = dialogueWith();
    dialogue.receive(acknowledgement(attached(dialogue), { prefixes: [LONG] }));
    expect(dialogue.story().at(-1)).toContain(`the LMA assigned ${LONG}, no prefix of 64 bits`);
    expect(dialogue.mag.stats.pbaPrefixTooLong).toBe(1);
  });
});

describe('a tolerated peer', () => {
  it('may leave out P flag, handoff indicator and access technology, and give a prefix 128 bits', () => {
    const dialogue = dialogueWith('tolerant');
    const option = (each: MobilityOption) =>
      ['handoff-indicator', 'access-technology-type'].includes(each.kind) ? undefined : each;
    dialogue.receive(acknowledgement(attached(dialogue), { flags: 0, prefixes: [LONG], option }));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', hnps: [PREFIX.toString()] }]);
  });

  it('may answer with octets after the name of the mobile node, not with another name', () => {
    const dialogue = dialogueWith('tolerant');
    const update = attached(dialogue);
    const named = (text: string) => (each: MobilityOption) =>
      each.kind === 'mobile-node-identifier' ? naiOption(text) : each;
    dialogue.receive(acknowledgement(update, { option: named('0024.d78e.21a5') }));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT' }]);
    dialogue.receive(acknowledgement(update, { option: named('0024.d78e.21a4\0\0\0') }));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE' }]);
  });
});

describe('a peer of interoperation cisco', () => {
  it('is sent the options of such a controller in its order', () => {
    const update = attached(dialogueWith('cisco', '0024.d78e.21a4@example.net'));
    expect(update.options.map((option) => option.kind)).toEqual([
      'mobile-node-identifier',
      'service-selection',
      'handoff-indicator',
      'access-technology-type',
      'timestamp',
      'mobile-node-link-layer-identifier',
      'home-network-prefix',
      'ipv4-home-address-request',
      'ipv4-default-router',
    ]);
    const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
    expect(text(findOption(update.options, 'mobile-node-identifier')?.identifier)).toBe('0024.d78e.21a4');
    expect(text(findOption(update.options, 'mobile-node-link-layer-identifier')?.identifier)).toBe('0024.d78e.21a4');
    expect(findOption(update.options, 'service-selection')?.identifier).toBe('@example.net');
    expect(handoff(update)).toBe(1);
    expect(requestedHomeAddress(update)).toBe('0.0.0.0/0');
    expect(findOption(update.options, 'ipv4-default-router')?.address.isUnspecified).toBe(true);
  });

  it('is understood: its echo of all that, and a revocation that names the link-layer address', () => {
    const dialogue = dialogueWith('cisco', 'mn1@example.net');
    dialogue.receive(acknowledgement(attached(dialogue)));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', nai: 'mn1@example.net' }]);
    dialogue.outputs = [];
    dialogue.receive(revocation());
    expect(dialogue.revocationAnswer().status).toBe(0);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('names the service by the access point name where the mobile node has no realm', () => {
    expect(findOption(attached(dialogueWith('cisco')).options, 'service-selection')?.identifier).toBe('example.com');
  });
});
