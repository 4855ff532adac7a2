import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import type { AccessPointName, AssociationEvent } from '#proto/access/index.ts';
import { ACC0, ACC1, AccessLink, dataFrame, MN } from './link.ts';

const AP1 = '192.0.2.1/ap1';
const AP2 = '192.0.2.1/ap2';
const at = (name: string, session: string): AccessPointName => ({ source: 'accounting', name, session });

function say(link: AccessLink, change: AssociationEvent['change'], accessPoint: AccessPointName, more = {}): void {
  link.handle({ kind: 'association', change, interface: ACC0, accessPoint, mac: MN, ...more });
}

/** A served station at AP1 in its session s1, since a second. */
function served(): AccessLink {
  const link = new AccessLink();
  say(link, 'joined', at(AP1, 's1'));
  link.activate();
  link.advance(1000);
  link.outputs = [];
  return link;
}

describe('accounting of an access point', () => {
  it('reports the station whose session begins, with what it proved to be', () => {
    const link = new AccessLink();
    say(link, 'joined', at(AP1, 's1'), { nai: 'mn0@example.com' });
    expect(link.outputs).toMatchObject([{ kind: 'attached', trigger: 'accounting', provedNai: 'mn0@example.com' }]);
    expect(link.machine.stats.attachedByAccounting).toBe(1);
    expect(link.machine.snapshot()).toMatchObject([{ accessPoint: AP1 }]);
  });

  it('says nothing new when the same beginning is told again, and something when the station comes once more', () => {
    const link = served();
    say(link, 'joined', at(AP1, 's1'));
    expect(link.outputs).toEqual([]);
    say(link, 'joined', at(AP1, 's2'));
    expect(link.triggers()).toEqual(['accounting']);
  });

  it('moves the station between access points behind one interface, and to another interface', () => {
    const link = served();
    say(link, 'joined', at(AP2, 's9'));
    expect(link.outputs).toEqual([]);
    say(link, 'joined', at(AP1, 's2'), { interface: ACC1, nai: 'mn0@example.com' });
    expect(link.outputs).toMatchObject([{ kind: 'attached', interface: ACC1, provedNai: 'mn0@example.com' }]);
  });

  it('detaches at the end of the session that the station has, not of one before', () => {
    const link = served();
    say(link, 'joined', at(AP2, 's9'));
    say(link, 'left', at(AP1, 's1'));
    say(link, 'left', at(AP2, 's8'));
    expect(link.outputs).toEqual([]);
    say(link, 'left', at(AP2, 's9'));
    expect(link.reports()).toEqual([`detached station-left ${MN} ${ACC0}`]);
  });

  it('detaches a station whose beginning was not told, as after a restart', () => {
    const link = new AccessLink();
    link.serve();
    say(link, 'left', at(AP1, 's1'));
    expect(link.reports()).toEqual([`detached station-left ${MN} ${ACC0}`]);
  });

  it('[RFC 2866 §5.1] detaches every station of an access point that begins or ends to account, and of no other', () => {
    const link = served();
    link.handle({ kind: 'access-point-restarted', accessPoint: { source: 'accounting', name: AP2 } });
    link.handle({ kind: 'access-point-restarted', accessPoint: { source: 'hostapd', name: AP1 } });
    expect(link.outputs).toEqual([]);
    link.handle({ kind: 'access-point-restarted', accessPoint: { source: 'accounting', name: AP1 } });
    expect(link.reports()).toEqual([`detached station-left ${MN} ${ACC0}`]);
  });

  it('reports a station of an interim record that was never seen, and not one that has left meanwhile, however long the access point does not notice', () => {
    const link = new AccessLink();
    say(link, 'present', at(AP1, 's1'));
    expect(link.triggers()).toEqual(['accounting']);
    link.activate();
    link.end('withdrawn');
    for (let minute = 0; minute < 10; minute++) {
      link.advance(seconds(60));
      say(link, 'present', at(AP1, 's1'));
    }
    expect(link.triggers()).toEqual([]);
    link.hear(dataFrame());
    expect(link.triggers()).toEqual(['data']);
  });

  it('[RFC 5213 §6.13] is no proof that the station is there: it is asked before its binding is extended', () => {
    const link = served();
    link.handle({ kind: 'ask-presence', interface: ACC0, mac: MN, fresh: false });
    expect(link.reports()).toEqual([]);
    expect(link.machine.stats.probesSent).toBeGreaterThan(0);
  });
});
