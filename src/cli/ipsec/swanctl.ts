import { Ipv4Address } from '#base/ipv4-address.ts';
import type { SignallingPolicy } from './policy.ts';

export type IpsecAuthentication = 'certificate' | 'psk';

/** The connections and, for pre-shared keys, the place for them, in the form of swanctl.conf(5). Ends with a line end. */
export function swanctlText(policies: readonly SignallingPolicy[], authentication: IpsecAuthentication): string {
  const names = uniqueNames(policies);
  const connections = policies.flatMap((policy, i) => connection(names[i] as string, policy, authentication));
  const secrets = authentication === 'psk' ? ['', ...secretsLines(policies)] : [];
  return `${['connections {', ...indented(connections), '}', ...secrets].join('\n')}\n`;
}

/**
 * RFC 5213 §4 "Proxy Mobile IPv6 Protocol Security": "IPsec Encapsulating Security Payload (ESP) [RFC4303] in transport mode with mandatory integrity protection
 * SHOULD be used for protecting the signaling messages." "Internet Key Exchange Protocol version 2 (IKEv2) [RFC4306] SHOULD be used".
 * RFC 5213 §6.9.1.5(11) "Constructing the Proxy Binding Update Message": "the message MUST be protected, using the security association existing between the local mobility anchor and the mobile access
 * gateway". So are Binding Revocation Messages, RFC 5846 §6.1 "Sending Binding Revocation Message": "using the same underlying security association", and Heartbeats, RFC 5847 §6 "Security Considerations": "Integrity protection
 * using IPsec ... MUST be supported".
 * Chooses: the policies are in force before there are keys (`trap`), so that nothing leaves or is taken unprotected.
 */
function connection(name: string, policy: SignallingPolicy, authentication: IpsecAuthentication): string[] {
  const { node, peer, local, remote, localSelector, remoteSelector } = policy;
  const length = local instanceof Ipv4Address ? 32 : 128;
  const auth = authentication === 'psk' ? 'psk' : 'pubkey';
  return [
    `# ${node} and ${peer}`,
    `${name} {`,
    ...indented([
      'version = 2',
      `local_addrs = ${local}`,
      `remote_addrs = ${remote}`,
      'proposals = aes128-sha256-ecp256, aes128-sha256-modp2048',
      'local {',
      ...indented([`auth = ${auth}`, `id = ${quoted(node)}`]),
      '}',
      'remote {',
      ...indented([`auth = ${auth}`, `id = ${quoted(peer)}`]),
      '}',
      'children {',
      ...indented([
        'signalling {',
        ...indented([
          'mode = transport',
          `local_ts = ${local}/${length}[${localSelector}]`,
          `remote_ts = ${remote}/${length}[${remoteSelector}]`,
          'esp_proposals = aes128gcm16, aes128-sha256',
          'start_action = trap',
        ]),
        '}',
      ]),
      '}',
    ]),
    '}',
  ];
}

/** In comments: a key that everybody can read in a program's text is none. Without one strongSwan refuses the connection. */
function secretsLines(policies: readonly SignallingPolicy[]): string[] {
  const pairs = new Map(policies.map(({ node, peer }) => [`${node} ${peer}`, { node, peer }]));
  const entries = [...pairs.values()].flatMap(({ node, peer }, i) => [
    `ike-${i + 1} {`,
    ...indented([
      `id-1 = ${quoted(node)}`,
      `id-2 = ${quoted(peer)}`,
      'secret = "a long random text, the same at both ends"',
    ]),
    '}',
  ]);
  return ['secrets {', ...indented(entries), '}'].map((line) => `# ${line}`);
}

/** Names of sections: what the format does not take becomes `_`, and the second of two that are alike gets a number. */
function uniqueNames(policies: readonly SignallingPolicy[]): string[] {
  const seen = new Map<string, number>();
  return policies.map(({ node, peer, local }) => {
    const family = local instanceof Ipv4Address ? '-ipv4' : '';
    const name = `mooring-${node}-${peer}${family}`.replace(/[^\w-]/g, '_');
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
