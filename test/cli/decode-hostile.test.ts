/** That no capture makes `decode` fail, whatever it prints, and that `encode` takes back what it printed. `MOORING_NIGHTLY=1` tries more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dissectionJson } from '#cli/decode-json.ts';
import { Ladder } from '#cli/decode-ladder.ts';
import { dissect, type Start } from '#cli/decode-packet.ts';
import { summaryText } from '#cli/decode-summary.ts';
import { treeText } from '#cli/decode-tree.ts';
import { encodePacket } from '#cli/encode-json.ts';
import { LinkType } from '#wire/capture-file.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeMobilityHeader } from '#wire/mobility/index.ts';
import { encodeUdp } from '#wire/udp.ts';
import { LAST_OPTION_SAMPLES, messageSamples, OPTION_SAMPLES } from '../wire/mobility/samples.ts';
import { octets } from '../wire/vector.ts';
import { address4, address6 } from './encode-addresses.ts';
import { CAPTURED } from './encode-captured.ts';

const RUNS = process.env.MOORING_NIGHTLY === undefined ? 3000 : 200_000;

const [source, destination] = [address6('2001:db8::15'), address6('2001:db8::101')];
const inIpv6 = (nextHeader: number, payload: Uint8Array) =>
  encodeIpv6({ nextHeader, hopLimit: 1, source, destination, payload });
/** Over IPv4 without a checksum, so that changes reach what is inside. */
const inUdp = (port: number, text: string) => {
  const ends = { source: address4('10.8.25.15'), destination: address4('10.8.24.101') };
  const datagram = encodeUdp({ sourcePort: port, destinationPort: port, ...ends, payload: octets(text) });
  datagram.fill(0, 6, 8);
  return encodeIpv4({ protocol: 17, ttl: 64, ...ends, payload: datagram });
};

const frames = CAPTURED.map(([, hex]) => octets(hex));
const packets = [
  ...messageSamples(OPTION_SAMPLES),
  ...OPTION_SAMPLES.map((option) => messageSamples([option])[5] as never),
  ...LAST_OPTION_SAMPLES.map((option) => messageSamples([option])[5] as never),
].map((message) => inIpv6(135, encodeMobilityHeader(message)));
const datagrams = [
  inUdp(547, '0babcdef 0001000a00030001 02005e005213 0006000600170018 0020'),
  inUdp(1812, '01050020 00112233445566778899aabbccddeeff 010c6d6e406d6167312e6578'),
  inUdp(5437, '00 29 0028 6000000000003b40 20010db8000000000000000000000015 20010db8000000000000000000000101'),
];

const cases: fc.Arbitrary<{ readonly start: Start; readonly bytes: Uint8Array }> = fc.oneof(
  ...(
    [
      ['ethernet', frames],
      ['ip', packets],
      ['ip', datagrams],
    ] as const
  ).map(([start, seeds]) =>
    fc
      .record({
        seed: fc.constantFrom(...seeds),
        changes: fc.array(fc.record({ at: fc.nat(2047), octet: fc.nat(255) }), { maxLength: 4 }),
        cut: fc.option(fc.nat(2047), { freq: 3 }),
      })
      .map(({ seed, changes, cut }) => {
        const bytes = seed.slice();
        for (const { at, octet } of changes) bytes[at % bytes.length] = octet;
        return { start, bytes: cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1)) };
      }),
  ),
);

describe('hostile captures', () => {
  it('are printed in every form, and encoded from their JSON octet for octet', () => {
    fc.assert(
      fc.property(cases, ({ start, bytes }) => {
        const dissection = dissect(bytes, start);
        const ladder = new Ladder();
        const linkType = start === 'ethernet' ? LinkType.ETHERNET : LinkType.RAW;
        const captured = { number: 1, seconds: 0, nanoseconds: 0, originalLength: bytes.length, fileOffset: 0 };
        ladder.add({ ...captured, linkType, bytes }, '0', dissection);
        const printed =
          treeText('', dissection, { sections: true, fileOffset: 0 }) + summaryText(dissection, 0) + ladder.text();
        expect(printed).not.toMatch(/undefined|\[object|NaN/);
        const json = JSON.parse(JSON.stringify({ linkType, ...dissectionJson(dissection, bytes) }));
        expect(encodePacket(json, true).bytes).toEqual(bytes);
      }),
      { numRuns: RUNS },
    );
  });
});
