/** FreeRADIUS's tools of this machine: what they make is what was recorded of them, and they read what we send. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { decodeRadius } from '#wire/radius.ts';
import { makeVectors, radclientObstacle } from '../../tools/radius/free-radius-vectors.ts';
import { checkVector } from '../wire/free-radius-vectors.ts';
import { radiusCapture, type SentPacket, sentPackets } from '../wire/radius-packets.ts';
import { decodedValue } from '../wire/vector.ts';

const radsniffObstacle = spawnSync('radsniff', ['-v']).status === 0 ? '' : 'needs freeradius-utils';

it.skipIf(radclientObstacle !== '')(
  `the packets of radclient are read and written (${radclientObstacle || 'radclient'})`,
  async () => {
    const vectors = await makeVectors();
    expect(vectors.length).toBeGreaterThan(60);
    for (const vector of vectors) checkVector(vector);
  },
);

describe.skipIf(radsniffObstacle !== '')(`radsniff (${radsniffObstacle || 'radsniff'})`, () => {
  /** Of each packet, the names and values of its attributes. */
  function sniff(capture: Uint8Array): string[][] {
    const directory = mkdtempSync(join(tmpdir(), 'mooring-radsniff-'));
    try {
      const file = join(directory, 'radius.pcap');
      writeFileSync(file, capture);
      const words = ['-I', file, '-x', '-s', 'aaacisco', '-f', 'udp', '-p', '1812'];
      const { stdout } = spawnSync('radsniff', words, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
      const packets = stdout.split(/^\d{4}-\d\d-\d\d .*\n/m).slice(1);
      return packets.map((text) => [...text.matchAll(/^\t(.*)$/gm)].map((line) => line[1] as string));
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  it('[RFC 6572 §7] reads every packet that we send, each attribute under our name for it', () => {
    const packets = sentPackets().filter(({ request }) => !request);
    const seen = sniff(radiusCapture(packets)).map((lines) => lines.map((line) => line.split(' = ')[0] as string));
    const wanted = packets.map(({ octets }) =>
      decodedValue(decodeRadius(octets)).attributes.map((each) => DICTIONARY.typeOf(each)?.name ?? ''),
    );
    expect(seen.map((names) => names.filter((name) => name !== 'Authenticator-Field').toSorted())).toEqual(
      wanted.map((names) => names.toSorted()),
    );
  });

  it('reads in our requests what we meant', () => {
    const packets = sentPackets().filter(({ request }) => !request);
    const lines = sniff(radiusCapture(packets)).flat();
    const features = DICTIONARY.find(
      decodedValue(decodeRadius((packets[0] as SentPacket).octets)),
      'MIP6-Feature-Vector',
    );
    expect(features).toBeTypeOf('bigint');
    for (const line of [
      'User-Password = "cisco"',
      'Calling-Station-Id = "00-24-D7-8E-21-A4:GigabitEthernet0/1/0.3074"',
      `MIP6-Feature-Vector = ${features}`,
      'Framed-IPv6-Prefix = 2001:db8:f00d:1::/64',
      'PMIP6-Home-HN-Prefix = 2001:db8:f00d:1::/64',
      'PMIP6-Home-IPv4-HoA = 192.0.2.1/32',
      'PMIP6-Home-LMA-IPv6-Address = 2001:db8:cafe:1024::101',
      'Acct-Input-Gigawords = 5',
      'Acct-Input-Octets = 9',
      'Acct-Terminate-Cause = User-Request',
      'Acct-Status-Type = Accounting-On',
      'NAS-Port-Type = Wireless-802.11',
      'Cisco-AVPair = "client-mac-address=0024.d78e.21a4"',
      'Event-Timestamp = "Jan 15 2027 08:00:00 UTC"',
    ]) {
      expect(lines).toContain(line);
    }
  });
});
