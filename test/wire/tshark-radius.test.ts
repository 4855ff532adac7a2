/** The RADIUS packets that we send, read by tshark. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeRadius } from '#wire/radius.ts';
import { radiusCapture, sentPackets } from './radius-packets.ts';
import { decodedValue } from './vector.ts';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const packets = sentPackets();

describe.skipIf(!hasTshark)(`tshark${hasTshark ? '' : ' is not installed: skipped'}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-tshark-radius-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** A row of fields for each packet of a capture. */
  function fieldsOf(capture: Uint8Array, fields: readonly string[]): string[][] {
    const file = join(directory, 'radius.pcap');
    writeFileSync(file, capture);
    const preferences = ['-o', 'radius.shared_secret:aaacisco', '-o', 'radius.validate_authenticator:TRUE'];
    const words = ['-r', file, '-d', 'udp.port==3799,radius', ...preferences, '-T', 'fields', '-E', 'aggregator=|'];
    const run = spawnSync('tshark', [...words, ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8' });
    expect(run.status, run.stderr).toBe(0);
    return run.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
  }

  it('dissects every RADIUS packet, none of them malformed, with all attributes', () => {
    const fields = ['radius.code', 'radius.avp.type', '_ws.malformed', '_ws.expert.message'];
    const rows = fieldsOf(radiusCapture(packets), fields);
    const wanted = packets.map(({ octets }) => {
      const { code, attributes } = decodedValue(decodeRadius(octets));
      const types = attributes.map(({ vendor, type }) => (vendor === 0 ? type : 26));
      return [`${code}`, types.join('|'), '', ''];
    });
    expect(rows).toEqual(wanted);
  });

  it('[RFC 5176 §2.3] finds the authenticator of each answer to be that of its request', () => {
    const answers = packets.filter(({ request }) => request);
    expect(answers).toHaveLength(5);
    for (const answer of answers) {
      const { request } = answer as { request: Uint8Array };
      const capture = radiusCapture([{ ...answer, octets: request }, answer]);
      expect(fieldsOf(capture, ['radius.authenticator.valid'])[1], answer.name).toEqual(['1']);
    }
  });
});
