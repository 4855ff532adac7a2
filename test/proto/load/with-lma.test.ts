import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { Answer } from '#proto/load/answer.ts';
import { Figures, OPERATIONS, Population, type Service } from '#proto/load/index.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { sentOctets } from '#proto/sent-octets.ts';
import { decodeMobilityHeader } from '#wire/mobility/index.ts';
import { Dialogue, LMA, LMA_IPV4, MAG1, MAG1_IPV4, MAG2, MAG2_IPV4 } from '../lma/dialogue.ts';

const NODES = 12;
const FAMILIES = {
  ipv6: { lma: LMA, gateways: [MAG1, MAG2] },
  ipv4: { lma: LMA_IPV4, gateways: [MAG1_IPV4, MAG2_IPV4] },
};

/** Every operation of every mobile node, with the machine of an LMA. Counts the answers that are not read from their octets alone. */
function play(
  family: keyof typeof FAMILIES,
  service: Service,
): { readonly figures: Figures; readonly decoded: number } {
  const { lma, gateways } = FAMILIES[family];
  const dialogue = new Dialogue();
  const population = new Population({
    ...{ lma, gateways, nodes: NODES, realm: 'example.com', service, timestamps: true, lifetime: seconds(3600) },
    ...{ patience: seconds(1), tries: 1 },
  });
  const figures = new Figures();
  let decoded = 0;
  for (const operation of OPERATIONS) {
    dialogue.pass(2000);
    population.rewind();
    for (let node = 0; node < NODES; node++) {
      const { instant, utc } = dialogue.now;
      const next = population.ask(operation, figures, instant, utc);
      const message = next && decodeMobilityHeader(next.octets);
      if (!next || !message?.ok) throw new Error(`nothing asked: ${operation}`);
      const remote = gateways[next.gateway] as (typeof gateways)[0];
      const from: PeerAddress = { transport: family === 'ipv4' ? 'ipv4-udp' : 'ipv6', local: lma, remote };
      for (const output of dialogue.tell({ kind: 'message', from, message: message.value })) {
        if (output.kind !== 'send' || output.message.kind !== 'binding-acknowledgement') continue;
        const octets = sentOctets(output);
        if (!new Answer().read(octets)) decoded++;
        population.receive(next.gateway, octets, instant);
      }
    }
  }
  return { figures, decoded };
}

describe('the mobile nodes of a load and the machine of an LMA', () => {
  it.each([
    ['ipv6', 'dual'],
    ['ipv6', 'ipv4'],
    ['ipv6', 'ipv6'],
    ['ipv4', 'dual'],
    ['ipv4', 'ipv4'],
    ['ipv4', 'ipv6'],
  ] as const)('understand each other over %s about %s, and no answer needs the decoder', (family, service) => {
    const { figures, decoded } = play(family, service);
    expect(figures.report()).toMatchObject({
      ...{ sent: 4 * NODES, accepted: 4 * NODES, refused: {}, lost: 0, changedAddresses: 0, givenTwice: 0 },
    });
    expect(decoded).toBe(0);
  });
});
