import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import { HandoffIndicator, type Heartbeat } from '#wire/mobility/index.ts';
import {
  ACC0,
  acknowledgement,
  handoff,
  LMA_ADDRESS,
  MAG_ADDRESS,
  MagDialogue,
  MN,
  PREFIX,
  prefixesOf,
  requestedHomeAddress,
  v4,
} from './dialogue.ts';

const heartbeat = { interval: seconds(60), retries: 3 };
const REFRESH = { refreshTime: seconds(3000) };

function request(dialogue: MagDialogue): Heartbeat {
  const found = dialogue.outputs
    .flatMap((output) => (output.kind === 'send' && output.message.kind === 'heartbeat' ? [output.message] : []))
    .find(({ response }) => !response);
  if (!found) throw new Error('no request');
  dialogue.outputs = [];
  return found;
}

function answer(dialogue: MagDialogue, counter: number): void {
  const options = [{ kind: 'restart-counter', counter }] as const;
  dialogue.receive({ ...request(dialogue), response: true, options });
}

const codes = (dialogue: MagDialogue) => dialogue.outputs.flatMap((o) => (o.kind === 'log' ? [o.code] : []));

describe('a MAG and its LMAs', () => {
  it('[RFC 5847 §3] watches the LMA while it has a session there', () => {
    const dialogue = new MagDialogue({ heartbeat, ...REFRESH });
    dialogue.attach();
    dialogue.advance(100);
    expect(dialogue.mag.heartbeats()).toEqual([]);
    dialogue.receive(acknowledgement(dialogue.update()));
    dialogue.advance(1000);
    answer(dialogue, 1);
    expect(dialogue.mag.heartbeats()).toMatchObject([{ peer: 'lma1', state: 'up', sessions: 1 }]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ path: 'up' }]);
    dialogue.detach();
    dialogue.receive(acknowledgement(dialogue.update()));
    dialogue.advance(3_600_000);
    expect(dialogue.outputs).toEqual([]);
    expect(dialogue.mag.heartbeats()).toMatchObject([{ state: 'idle' }]);
  });

  it('[RFC 5847 §3.2] establishes the sessions again after the LMA restarted, with the addresses that they have', () => {
    const dialogue = new MagDialogue({ heartbeat, ...REFRESH });
    dialogue.becomeActive();
    dialogue.advance(1000);
    answer(dialogue, 1);
    dialogue.advance(60_000);
    answer(dialogue, 2);
    expect(codes(dialogue)).toEqual(['peer-restarted']);
    dialogue.advance(100);
    const update = dialogue.update();
    expect(handoff(update)).toBe(HandoffIndicator.NOT_CHANGED);
    expect(prefixesOf(update)).toEqual([`${PREFIX}`]);
    expect(requestedHomeAddress(update)).toBe('192.0.2.1/24');
    dialogue.receive(acknowledgement(update));
    expect(dialogue.story()).toEqual([]);
    expect(dialogue.mag.stats.pbuRefreshAfterRestart).toBe(1);
  });

  it('does so at a measured pace, and leaves out who has left or is asking already', () => {
    const dialogue = new MagDialogue({ heartbeat, ...REFRESH });
    const stations = Array.from({ length: 100 }, (_, i) => new MacAddress(0x0200, i));
    for (const [i, mac] of stations.entries()) {
      dialogue.attach('layer-2-update', ACC0, mac);
      dialogue.receive(
        acknowledgement(dialogue.update(), {
          homeAddress: `192.0.2.${i + 1}`,
          prefixes: [`2001:db8:f00d:${i.toString(16)}::/64`],
        }),
      );
    }
    dialogue.advance(1000);
    answer(dialogue, 1);
    dialogue.advance(60_000);
    answer(dialogue, 2);
    dialogue.detach('station-left', ACC0, stations[99]);
    dialogue.attach('hostapd', ACC0, stations[98]);
    dialogue.outputs = [];
    dialogue.advance(75);
    expect(dialogue.updates()).toHaveLength(10);
    let most = 0;
    for (let elapsed = 75; elapsed < 900; elapsed += 25) {
      dialogue.advance(25);
      most = Math.max(most, dialogue.updates().length);
    }
    expect(most).toBe(10);
    expect(dialogue.mag.stats.pbuRefreshAfterRestart).toBe(98);
  });

  it('[RFC 5847 §3.1] keeps the sessions when the LMA does not answer, and shows that its path is down', () => {
    const dialogue = new MagDialogue({ heartbeat, ...REFRESH });
    dialogue.becomeActive();
    dialogue.advance(1000);
    answer(dialogue, 1);
    dialogue.advance(300_000);
    expect(codes(dialogue)).toEqual(['peer-unreachable']);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', path: 'down', llid: MN.toCiscoString() }]);
  });

  it('[RFC 5847 §3.2] tells its LMAs of its start', () => {
    const dialogue = new MagDialogue({ heartbeat });
    dialogue.advance(1);
    expect(dialogue.outputs).toMatchObject([{ kind: 'send', message: { kind: 'heartbeat', unsolicited: true } }]);
  });

  it('[RFC 5847 §3.2] tells an LMA of its start by the way that it speaks with it', () => {
    const tunnel = { transport: 'ipv4-udp', mode: 'ip' } as const;
    const lmas = [{ name: 'lma1', ipv6: LMA_ADDRESS, ipv4: v4('203.0.113.1'), tunnel }];
    const addresses = { ipv6: MAG_ADDRESS, ipv4: v4('203.0.113.101') };
    const dialogue = new MagDialogue({ heartbeat, lmas, addresses });
    dialogue.advance(1);
    expect(dialogue.outputs).toMatchObject([{ kind: 'send', to: { remote: v4('203.0.113.1') } }]);
  });

  it('[RFC 5847 §3] asks an LMA no more that answers with a Binding Error of status 2', () => {
    const dialogue = new MagDialogue({ heartbeat, ...REFRESH });
    dialogue.becomeActive();
    dialogue.advance(1000);
    request(dialogue);
    dialogue.receive({ kind: 'binding-error', status: 2, homeAddress: PREFIX.address, options: [] });
    expect(codes(dialogue)).toEqual(['heartbeat-unsupported']);
    expect(dialogue.mag.heartbeats()).toMatchObject([{ state: 'unsupported' }]);
  });
});
