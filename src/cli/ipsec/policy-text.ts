import type { Assembly } from '#daemon/assemble.ts';
import { signallingPolicies } from './policy.ts';
import { type IpsecAuthentication, swanctlText } from './swanctl.ts';

/** What `mooring ipsec-policy` prints; `undefined` when the configuration has no peer with an address of a family that it has itself. */
export function policyText(
  assembly: Assembly,
  source: string,
  authentication: IpsecAuthentication,
): string | undefined {
  const policies = signallingPolicies(assembly);
  if (policies.length === 0) return undefined;
  const learning = assembly.lmas.filter(({ dynamicMagLearning }) => dynamicMagLearning).map(({ name }) => name);
  const lines = [...INTRODUCTION, ...CREDENTIALS[authentication], ...END, ...learning.flatMap(learningLines)];
  const comment = [`strongSwan configuration for the signalling of ${source}`, '', ...lines];
  return `${comment.map((line) => `# ${line}`.trimEnd()).join('\n')}\n\n${swanctlText(policies, authentication)}`;
}

const INTRODUCTION = [
  'Registrations, revocations and heartbeats: ESP in transport mode with integrity, keys by IKEv2 (RFC 5213, RFC 5844).',
  'Over IPv6 the whole Mobility Header (135), and so its types 5 and 6 (registration), 13 (heartbeat) and 16 (revocation); over IPv4 UDP port 5436.',
  'The tunnels of mobile nodes are not covered. The other ends need the counterpart of this.',
  '',
  'To do:',
];

const CREDENTIALS: Readonly<Record<IpsecAuthentication, readonly string[]>> = {
  certificate: [
    '1. Certificates whose subjectAltName is the "id" below (the name of the LMA or MAG): the own one to /etc/swanctl/x509,',
    '   its key to /etc/swanctl/private, that of the authority to /etc/swanctl/x509ca.',
  ],
  psk: [
    '1. A pre-shared key for each pair under "secrets" at the end, with the "#" taken away; keep this file from others (mode 0600).',
  ],
};

const END = [
  '2. This file to /etc/swanctl/conf.d/mooring.conf, then: swanctl --load-all',
  '3. A firewall must let UDP 500 and 4500 and IP protocol 50 (ESP) pass.',
  '4. When "swanctl --list-sas" shows the peers: "signalling ipsec" in the configuration of Mooring, which ends its warnings.',
];

function learningLines(lma: string): string[] {
  return [
    '',
    `LMA ${lma} has "dynamic mag learning": a policy needs the address of its MAG, so MAGs that are not listed stay unprotected.`,
    'List them, and write "no dynamic mag learning".',
  ];
}
