import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { AttachTimeline } from '#daemon/attach-timeline.ts';
import type { AttachedEvent } from '#proto/mag/events.ts';
import type { BindingAcknowledgement, BindingUpdate, MobilityOption } from '#wire/mobility/index.ts';
import { HandoffIndicator } from '#wire/mobility/index.ts';

const station = new MacAddress(0x0200, 7);
const US = 1000;

function event(mac = station): AttachedEvent {
  return { kind: 'attached', interface: 'acc0', mac, trigger: 'layer-2-update' };
}

function update(
  change: Partial<BindingUpdate> = {},
  indicator: number = HandoffIndicator.UNKNOWN,
  mac = station,
): BindingUpdate {
  const options: MobilityOption[] = [
    { kind: 'handoff-indicator', indicator },
    { kind: 'mobile-node-link-layer-identifier', identifier: mac.toBytes() },
  ];
  return { kind: 'binding-update', sequence: 1, flags: 0, lifetime: seconds(3600), options, ...change };
}

function acknowledgement(): BindingAcknowledgement {
  return {
    kind: 'binding-acknowledgement',
    status: 0,
    flags: 0,
    sequence: 1,
    lifetime: seconds(1),
    options: update().options,
  };
}

describe('AttachTimeline', () => {
  it('begins with the event also where a server is asked first who the node is', () => {
    const timeline = new AttachTimeline();
    timeline.attached(event(), 5_000 * US);
    timeline.profileAsked(station);
    timeline.endRound();
    timeline.attached(event(), 7_000 * US);
    timeline.endRound();
    timeline.updateSent(update(), 8_000 * US);
    timeline.updateSent(update(), 9_000 * US);
    expect(timeline.rows()).toMatchObject([
      { trigger: 'layer-2-update', eventNs: 5_000 * US, steps: { pbuSent: { sinceEventUs: 3000 } } },
    ]);
  });

  it('tells each step since the event and on the clock that the processes of one host share', () => {
    const timeline = new AttachTimeline();
    timeline.attached(event(), 5_000 * US);
    timeline.updateSent(update(), 5_100 * US);
    timeline.endRound();
    timeline.acknowledgementReceived(acknowledgement(), 5_900 * US);
    timeline.forwardingReady(station, 'mn@example', 6_000 * US);
    timeline.forwardingReady(station, 'mn@example', 9_000 * US);
    expect(timeline.rows()).toEqual([
      {
        mac: '0200.0000.0007',
        nai: 'mn@example',
        interface: 'acc0',
        trigger: 'layer-2-update',
        eventNs: 5_000 * US,
        steps: {
          event: { sinceEventUs: 0, monotonicNs: 5_000 * US },
          pbuSent: { sinceEventUs: 100, monotonicNs: 5_100 * US },
          pbaReceived: { sinceEventUs: 900, monotonicNs: 5_900 * US },
          forwardingReady: { sinceEventUs: 1000, monotonicNs: 6_000 * US },
        },
      },
    ]);
  });

  it('takes a retransmission for a part of the attachment, and a refresh and a de-registration for none', () => {
    const timeline = new AttachTimeline();
    timeline.attached(event(), 1);
    timeline.updateSent(update(), 2);
    timeline.endRound();
    timeline.updateSent(update(), 3);
    timeline.updateSent(update({}, HandoffIndicator.NOT_CHANGED), 4);
    timeline.updateSent(update({ lifetime: milliseconds(0) }), 5);
    expect(timeline.rows()).toHaveLength(1);
    expect(timeline.rows()[0]?.steps.pbuSent?.monotonicNs).toBe(2);
  });

  it('tells the latest first, and forgets the oldest', () => {
    const timeline = new AttachTimeline();
    for (let i = 0; i < 3000; i++) timeline.updateSent(update({}, undefined, new MacAddress(0x0200, i)), i);
    expect(timeline.rows()).toHaveLength(1024);
    expect(timeline.rows()[0]?.mac).toBe(new MacAddress(0x0200, 2999).toCiscoString());
  });
});
