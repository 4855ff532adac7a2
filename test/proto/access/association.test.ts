import { describe, expect, it } from 'vitest';
import type { MacAddress } from '#base/mac-address.ts';
import type { AssociationEvent } from '#proto/access/index.ts';
import { ACC0, ACC1, AccessLink, arpFrame, DISCOVER, dataFrame, layer2Update, MAG, MN, MN2, PREFIX } from './link.ts';

const AP1 = '/run/hostapd/wlan0';
const AP2 = '/run/hostapd/wlan1';

function say(
  link: AccessLink,
  change: AssociationEvent['change'],
  accessPoint = AP1,
  at = ACC0,
  mac: MacAddress = MN,
): void {
  link.handle({
    kind: 'association',
    change,
    interface: at,
    accessPoint: { source: 'hostapd', name: accessPoint },
    mac,
  });
}

/** A served station at AP1, which joined there a second ago. */
function served(): AccessLink {
  const link = new AccessLink();
  link.handle({ kind: 'watched', interface: ACC0, watched: true });
  say(link, 'joined');
  link.activate();
  link.advance(1000);
  link.outputs = [];
  return link;
}

describe('an access point that has a station', () => {
  it('reports it as attached', () => {
    const link = new AccessLink();
    say(link, 'joined');
    expect(link.reports()).toEqual([`attached hostapd ${MN} ${ACC0}`]);
    expect(link.machine.snapshot()).toMatchObject([{ phase: 'pending', accessPoint: AP1 }]);
  });

  it.each([
    [['joined', 'layer-2 update', 'DHCP'] as const],
    [['layer-2 update', 'joined', 'DHCP'] as const],
    [['DHCP', 'layer-2 update', 'joined'] as const],
    [['layer-2 update', 'DHCP', 'joined'] as const],
  ])('reports it once however it is seen within some milliseconds: %j', (order) => {
    for (const answeredAfter of [1, 2, 3]) {
      const link = new AccessLink();
      order.forEach((sign, index) => {
        if (index === answeredAfter) link.activate();
        if (sign === 'joined') say(link, 'joined');
        else link.hear(sign === 'DHCP' ? DISCOVER : layer2Update());
        link.advance(3);
      });
      expect(link.triggers()).toHaveLength(1);
    }
  });

  it.each([
    [300, 'served', 1],
    [900, 'served', 1],
    [1500, 'confirming', 2],
  ] as const)(
    'says it %i ms after the first frames of the station: then it is %s, and was reported %i times',
    (lag, phase, times) => {
      const link = new AccessLink();
      link.hear(DISCOVER);
      link.activate();
      link.advance(lag);
      say(link, 'joined');
      expect(link.triggers()).toHaveLength(times);
      expect(link.machine.snapshot()).toMatchObject([{ phase, accessPoint: AP1 }]);
    },
  );

  it('reports it again when it joins where it was: it may have been at another gateway', () => {
    const link = served();
    say(link, 'joined');
    expect(link.triggers()).toEqual(['hostapd']);
    expect(link.machine.snapshot()).toMatchObject([{ phase: 'confirming' }]);
  });

  it('reports nothing when it joins the next access point behind the same interface', () => {
    const link = served();
    link.hear(layer2Update());
    say(link, 'joined', AP2);
    expect(link.outputs).toEqual([]);
    expect(link.machine.snapshot()).toMatchObject([{ phase: 'served', accessPoint: AP2 }]);
    expect(link.machine.stats.movesBetweenAccessPoints).toBe(1);
  });

  it('moves it to another interface', () => {
    const link = served();
    say(link, 'joined', AP2, ACC1);
    expect(link.reports()).toEqual([`attached hostapd ${MN} ${ACC1}`]);
  });

  it('says so too late of one that is at another interface, or at another access point, by now', () => {
    const link = served();
    for (const change of ['present', 'answered', 'left'] as const) {
      say(link, change, AP2, ACC1);
      say(link, change, AP2, ACC0);
    }
    expect(link.outputs).toEqual([]);
    expect(link.machine.snapshot()).toMatchObject([{ interface: ACC0, phase: 'served', accessPoint: AP1 }]);
    expect(link.machine.stats.associationsIgnored).toBe(6);
  });
});

describe('an access point that lists a station', () => {
  it('reports it when it was never seen, and only then', () => {
    const link = new AccessLink();
    say(link, 'present');
    expect(link.triggers()).toEqual(['hostapd']);
    link.activate();
    link.advance(1000);
    say(link, 'present');
    link.end('withdrawn');
    say(link, 'present');
    expect(link.triggers()).toEqual([]);
  });

  it('has it when it was seen on the link before, so that its leaving counts', () => {
    const link = new AccessLink();
    link.serve();
    say(link, 'present');
    say(link, 'left');
    expect(link.reports()).toEqual([`detached station-left ${MN} ${ACC0}`]);
  });
});

describe('an access point that loses a station', () => {
  it('reports it as detached; frames on their way do not bring it back, joining again does', () => {
    const link = served();
    say(link, 'left');
    expect(link.reports()).toEqual([`detached station-left ${MN} ${ACC0}`]);
    link.end('departed');
    link.hear(dataFrame());
    link.hear(arpFrame({}));
    expect(link.reports()).toEqual([]);
    say(link, 'joined');
    expect(link.reports()).toEqual([`attached hostapd ${MN} ${ACC0}`]);
  });

  it('ends a registration that is under way', () => {
    const link = new AccessLink();
    say(link, 'joined');
    say(link, 'left');
    say(link, 'left');
    expect(link.reports()).toEqual([`attached hostapd ${MN} ${ACC0}`, `detached station-left ${MN} ${ACC0}`]);
  });

  it('does not end the session of a station that roamed to the next one behind the interface', () => {
    const link = served();
    say(link, 'joined', AP2);
    say(link, 'left', AP1);
    expect(link.outputs).toEqual([]);
    say(link, 'left', AP2);
    expect(link.reports()).toEqual([`detached station-left ${MN} ${ACC0}`]);
  });

  it('does not end the session of a station that roamed to another interface', () => {
    const link = served();
    say(link, 'joined', AP2, ACC1);
    link.outputs = [];
    say(link, 'left', AP1);
    expect(link.outputs).toEqual([]);
  });

  it('does not end the session of a station that came by an access point which tells nothing', () => {
    const link = served();
    link.handle({ kind: 'watched', interface: ACC0, watched: false });
    link.hear(layer2Update());
    expect(link.triggers()).toEqual(['layer-2-update']);
    link.activate();
    link.outputs = [];
    say(link, 'left');
    expect(link.outputs).toEqual([]);
  });

  it('ends that of a station which none of them said to have, when all of them are known', () => {
    const link = new AccessLink();
    link.serve();
    say(link, 'left');
    expect(link.outputs).toEqual([]);
    link.handle({ kind: 'watched', interface: ACC0, watched: true });
    say(link, 'left');
    expect(link.reports()).toEqual([`detached station-left ${MN} ${ACC0}`]);
  });
});

it('a layer-2 update reports a served station only where not every access point tells of its stations', () => {
  const link = served();
  link.hear(layer2Update());
  expect(link.triggers()).toEqual([]);
  link.advance(100);
  link.handle({ kind: 'watched', interface: ACC0, watched: false });
  link.hear(layer2Update());
  expect(link.triggers()).toEqual(['layer-2-update']);
});

it('a silent station that the access point asked and heard is not asked by us', () => {
  const link = new AccessLink({ detection: { pollInterval: 10_000, timeout: 2000, retries: 1 } as never });
  say(link, 'joined');
  link.activate();
  for (let i = 0; i < 10; i++) {
    link.advance(9000);
    say(link, 'answered');
  }
  expect(link.machine.stats.probesSent).toBe(0);
});

it('an access point cannot name what is no station here: on an interface not served, the gateway itself, too many', () => {
  const link = new AccessLink({ stationMaximum: 1 });
  say(link, 'joined', AP1, 'FastEthernet0/0');
  say(link, 'joined', AP1, ACC0, MAG);
  say(link, 'left', AP1, ACC0, MN2);
  expect(link.outputs).toEqual([]);
  expect(link.machine.stats).toMatchObject({ associationsOnUnknownInterface: 1, associationsIgnored: 2 });
  say(link, 'joined');
  say(link, 'joined', AP1, ACC0, MN2);
  say(link, 'present', AP1, ACC0, MN2);
  expect(link.machine.snapshot()).toHaveLength(1);
  expect(link.machine.stats.stationsOverMaximum).toBe(2);
});

describe('whoever speaks to the control socket', () => {
  const control = (link: AccessLink, kind: 'control-attach' | 'control-detach', at = ACC0) =>
    link.handle({ kind, interface: at, mac: MN });

  it('attaches a node, also one that was just refused, and moves it', () => {
    const link = new AccessLink();
    control(link, 'control-attach');
    expect(link.reports()).toEqual([`attached control ${MN} ${ACC0}`]);
    control(link, 'control-attach');
    expect(link.reports()).toEqual([]);
    link.handle({ kind: 'session', change: { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'no LMA' } });
    control(link, 'control-attach');
    expect(link.reports()).toEqual([`attached control ${MN} ${ACC0}`]);
    control(link, 'control-attach', ACC1);
    expect(link.reports()).toEqual([`attached control ${MN} ${ACC1}`]);
  });

  it('[RFC 5213 §6.12] detaches one, which hears that its prefixes are withdrawn in case it is still there', () => {
    const link = served();
    control(link, 'control-detach');
    expect(link.reports()).toEqual([`detached operator ${MN} ${ACC0}`]);
    link.end('withdrawn');
    const [advertisement] = link.advertisements();
    const prefixes = advertisement?.message.options.filter(({ kind }) => kind === 'prefix-information');
    expect(prefixes).toMatchObject([{ prefix: PREFIX, validLifetime: 0, preferredLifetime: 0 }]);
    link.hear(dataFrame());
    expect(link.reports()).toEqual([]);
    link.advance(200);
    link.hear(dataFrame());
    expect(link.reports()).toEqual([`attached data ${MN} ${ACC0}`]);
  });

  it('is believed of a node that is not known on the link: the MAG may have a binding', () => {
    const link = new AccessLink();
    control(link, 'control-detach');
    expect(link.reports()).toEqual([`detached operator ${MN} ${ACC0}`]);
  });
});
