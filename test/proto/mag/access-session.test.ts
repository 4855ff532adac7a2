import { describe, expect, it } from 'vitest';
import type { AccessSession, MagConfig } from '#proto/mag/index.ts';
import { type Answer, acknowledgement, MagDialogue, magConfig } from './dialogue.ts';

describe('what the access link is told of a session', () => {
  it.each([
    ['server', true],
    ['relay', false],
  ] as const)('[RFC 5844 §3.3.4] that the LMA wants a DHCP %s', (support, server) => {
    expect(session({ more: [{ kind: 'ipv4-dhcp-support-mode', server }] }).dhcpSupport).toBe(support);
  });

  it('[RFC 5844 §3.3.4] that the LMA says nothing of DHCP', () => {
    expect(session().dhcpSupport).toBeUndefined();
  });

  it('[RFC 5213 §6.9.2(3)] the MTU of its tunnel, at most what is configured', () => {
    expect(session().mtu).toBe(1452);
    expect(session({}, { tunnelMtu: 1400 }).mtu).toBe(1400);
    expect(session({}, { tunnelMtu: 9000 }).mtu).toBe(1452);
  });

  it('the network of its profile', () => {
    const profiles = magConfig().profiles.map((profile) => ({ ...profile, network: 'example_A' }));
    const interfaces = magConfig().interfaces.map((one) => ({
      ...one,
      ...(one.defaultProfile && { defaultProfile: { ...one.defaultProfile, network: 'example_A' } }),
    }));
    expect(session({}, { profiles, interfaces }).network).toBe('example_A');
    expect(session().network).toBeUndefined();
  });
});

function session(answer: Answer = {}, change: Partial<MagConfig> = {}): AccessSession {
  const dialogue = new MagDialogue(change);
  dialogue.attach();
  dialogue.receive(acknowledgement(dialogue.update(), answer));
  for (const output of dialogue.outputs) {
    if (output.kind === 'session' && output.change.kind === 'session-active') return output.change.session;
  }
  throw new Error('no session');
}
