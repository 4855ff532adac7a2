import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { Signalling } from '#daemon/signalling.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { PollLoop } from '#host/poll-loop.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { checkMobilityChecksum } from '#wire/mobility/index.ts';

const isRoot = process.geteuid?.() === 0;
const namespace = `mtd${process.pid}-sg`;
const ipv4 = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
const here = ipv4('192.0.2.1');
const cisco = ipv4('192.0.2.2');
const strict = ipv4('192.0.2.3');

function within<T>(action: () => T): T {
  return inNetworkNamespace(`/run/netns/${namespace}`, action);
}

const silent = { message: () => {}, malformed: () => {}, sendFailed: () => {} };

describe.skipIf(!isRoot)('Signalling (needs root)', () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', namespace]);
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    for (const address of [here, cisco, strict]) {
      execFileSync('ip', ['-n', namespace, 'address', 'add', `${address}/32`, 'dev', 'lo']);
    }
    return () => execFileSync('ip', ['netns', 'delete', namespace]);
  });

  it.each([
    ['binding-acknowledgement', cisco, true],
    ['binding-acknowledgement', strict, false],
    ['binding-update', cisco, false],
  ] as const)('a %s to %s over IPv4 has a checksum: %s', (kind, remote, expected) => {
    const loop = new PollLoop();
    const peers = [
      { address: cisco, interop: 'cisco' },
      { address: strict, interop: 'strict' },
    ] as const;
    const signalling = within(() => new Signalling({ addresses: [here], peers }, loop, silent));
    const peer = within(() => new UdpSignallingSocket(remote, () => {}));
    const common = { flags: 0, sequence: 9465, lifetime: seconds(28_800), options: [] };
    const message = kind === 'binding-update' ? { kind, ...common } : { kind, status: 0, ...common };
    signalling.queue({ kind: 'send', to: { transport: 'ipv4-udp', local: here, remote }, message });
    signalling.flush();
    const seen: boolean[] = [];
    peer.receive((_, bytes) => {
      seen.push(checkMobilityChecksum(Ipv6Address.mapped(here), Ipv6Address.mapped(remote), bytes));
      if (!expected) expect(bytes.subarray(4, 6)).toEqual(Buffer.of(0, 0));
    });
    expect(seen).toEqual([expected]);
    signalling.close();
    peer.close();
  });
});
