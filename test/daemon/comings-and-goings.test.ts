import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { Dhcpv4MessageType } from '#wire/dhcpv4.ts';
import { DISCOVER, dataFrame, dhcpFrame, layer2Update, MN, v4 } from '../proto/access/link.ts';
import { FakeHostapd } from './fake-hostapd.ts';
import { type Daemon, eventually, Network, obstacle, root } from './network.ts';

const ACCESS = 'GigabitEthernet0/1/0.3074';
const mac = MN.toCiscoString();

describe.skipIf(obstacle !== '')(`what brings and ends a session (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let hostapd: FakeHostapd;
  let lma: Daemon;
  let mag: Daemon;

  const bindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const anchored = () => lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
  const served = () => eventually(async () => (await bindings()).find(({ state }) => state === 'ACTIVE'));
  const gone = () => eventually(async () => (await bindings()).length === 0 || undefined);
  const counters = async () => {
    type State = { mags: { statistics: Record<string, number>; accessStatistics: Record<string, number> }[] };
    const { mags } = await mag.request<State>('state');
    return { ...mags[0]?.statistics, ...mags[0]?.accessStatistics } as Record<string, number>;
  };
  const mooring = (...words: string[]) => {
    const command = [join(root, 'bin/mooring'), ...words, '--control', mag.control];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    return { status, output: stdout, errors: stderr };
  };

  beforeAll(async () => {
    network = new Network(`mtc${process.pid}`);
    const path = join(network.directory, 'wlan0');
    hostapd = await FakeHostapd.listen(path);
    const example = readFileSync(join(root, 'examples/mag1.cfg'), 'utf8');
    const profile = '    enable pmipv6 default default_subscriber_profile_A';
    const file = join(network.directory, 'mag.cfg');
    writeFileSync(file, example.replace(profile, `${profile}\n    hostapd control-interface ${path}`));
    lma = network.start('lma', 'examples/lma.cfg', 'lma.sock');
    mag = network.start('mag', file, 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
    await eventually(async () => mag.output.includes('hostapd-attached') || undefined);
  }, 60_000);

  afterAll(async () => {
    await hostapd?.close();
    await network.remove();
  });

  it('a node that hostapd, its layer-2 update and DHCP announce at once is registered once', async () => {
    const before = await counters();
    hostapd.say(`AP-STA-CONNECTED ${MN}`);
    network.transmit(layer2Update(), DISCOVER, dataFrame());
    await served();
    network.transmit(layer2Update());
    await eventually(async () => ((await counters()).dhcpOffersSent ?? 0) > (before.dhcpOffersSent ?? 0) || undefined);
    const after = await counters();
    const registrations = ({ pbuSent = 0, pbuRetransmitted = 0 }: Record<string, number>) => pbuSent - pbuRetransmitted;
    expect(registrations(after) - registrations(before)).toBe(1);
    expect(after.attachedReported).toBe(1);
  });

  it('[RFC 5844 §3.4.3] DHCPRELEASE ends IPv4 of a node that has IPv6 too, and DHCPDISCOVER brings it back', async () => {
    const { hoa, defaultRouter } = await served();
    const options = [{ kind: 'server-identifier', address: v4(defaultRouter ?? '') }] as never;
    network.transmit(dhcpFrame({ type: Dhcpv4MessageType.RELEASE, ciaddr: v4(hoa ?? ''), unicast: true, options }));
    await eventually(async () => ((await bindings())[0]?.hoa === null ? true : undefined));
    expect((await served()).hnps).toHaveLength(1);
    await eventually(async () => ((await anchored())[0]?.hoa === null ? true : undefined));
    network.transmit(DISCOVER);
    await eventually(async () => ((await served()).hoa === null ? undefined : true));
  });

  it('a node that its access point loses is de-registered', async () => {
    hostapd.say(`AP-STA-DISCONNECTED ${MN}`);
    await gone();
    expect(await anchored()).toMatchObject([{ state: 'deleting' }]);
    hostapd.say(`AP-STA-CONNECTED ${MN}`);
    await served();
  });

  it('[RFC 5846 §9.1] a node that the LMA revokes is withdrawn, and comes back with its next frame', async () => {
    await lma.request('clear-bindings', { mac });
    await gone();
    expect((await counters()).bindingsRevoked).toBe(1);
    network.transmit(dataFrame());
    await served();
  });

  it('a node whose link goes down is de-registered', async () => {
    network.ip('mn', 'link', 'set', 'eth0', 'down');
    await gone();
    network.ip('mn', 'link', 'set', 'eth0', 'up');
    hostapd.say(`AP-STA-CONNECTED ${MN}`);
    await served();
  });

  it('an access point that is taken out of the configuration is spoken to no longer, and anew when it is back', async () => {
    const path = ['ipv6 mobile pmipv6-mag M1 domain D1', `interface ${ACCESS}`];
    const line = `hostapd control-interface ${network.directory}/wlan0`;
    const configure = (words: string) => mag.request('configure-line', { path, line: words });
    const own = `${mag.control}.hostapd0`;
    expect(existsSync(own)).toBe(true);
    expect(await configure(`no ${line}`)).toMatchObject({ ok: true });
    expect(existsSync(own)).toBe(false);
    hostapd.say(`AP-STA-DISCONNECTED ${MN}`);
    const before = await counters();
    const seen = async () => (await counters()).attachedByLayer2Update ?? 0;
    await eventually(async () => {
      // One may be lost: its link was down just before.
      network.transmit(layer2Update());
      return (await seen()) > (before.attachedByLayer2Update ?? 0) || undefined;
    });
    expect((await counters()).pbuSent).toBe(before.pbuSent);
    expect(await served()).toMatchObject({ llid: mac });
    expect(await configure(line)).toMatchObject({ ok: true });
    await eventually(async () => mag.output.split('hostapd-attached').length > 2 || undefined);
    hostapd.say(`AP-STA-DISCONNECTED ${MN}`);
    await gone();
    hostapd.say(`AP-STA-CONNECTED ${MN}`);
    await served();
  });

  describe('a controller', () => {
    beforeEach(async () => {
      await mag.request('clear-bindings');
      await gone();
    });
    afterEach(() => expect(mag.output).not.toContain('failed-'));

    it('attaches a node that has sent nothing, and detaches it by either name', async () => {
      const attached = mooring('attach', 'acc', MN.toString(), '--wait', '5', '--json');
      expect(attached).toMatchObject({ status: 0, errors: '' });
      const row = JSON.parse(attached.output) as MagBindingRow;
      expect(row).toMatchObject({ llid: mac, interface: ACCESS, state: 'ACTIVE' });
      expect(await anchored()).toMatchObject([{ nai: row.nai, state: 'active' }]);
      const detached = mooring('detach', row.nai, '--interface', ACCESS.toLowerCase());
      expect(detached).toMatchObject({ status: 0, output: `${mac} (${row.nai}) detached from ${ACCESS}\n` });
      await gone();
      await mag.request('attach', { interface: ACCESS, mac });
      await served();
      expect(mooring('detach', mac)).toMatchObject({ status: 0 });
      await gone();
      expect(await counters()).toMatchObject({ attachedByControl: 2, detachedByControl: 2 });
    }, 20_000);

    it('is told what it did wrong', async () => {
      const refused = [
        [['attach', 'eth7', mac], /no mobile access gateway serves interface eth7; access interfaces: .*3074 \(acc\)/],
        [['attach', 'acc', '0024.d78e'], /"0024.d78e" is not the link-layer address of a station/],
        [['attach', 'acc', '01:00:5e:00:00:01'], /is not the link-layer address of a station/],
        [['attach', 'acc', '00:00:5e:00:52:13'], /gateway's own address/],
        [['detach', mac], /no mobile node 0024.d78e.21a4 is attached/],
        [['detach', 'nobody@example.com'], /no mobile node nobody@example.com is attached/],
      ] as const;
      for (const [words, complaint] of refused) {
        const { status, errors } = mooring(...words);
        expect({ words, status }).toEqual({ words, status: 1 });
        expect(errors).toMatch(complaint);
      }
      expect(mooring('attach', 'acc', mac, '--wait', 'soon').status).toBe(2);
      for (const request of [{ mac }, { interface: 7, mac }, { interface: 'acc' }, { interface: 'acc', mac: 7 }]) {
        await expect(mag.request('attach', request)).rejects.toMatchObject({ code: 'bad-request' });
      }
      await expect(mag.request('detach', {})).rejects.toMatchObject({ code: 'bad-request' });
    }, 30_000);

    it('clears counters and bindings in the form of IOS', async () => {
      await mag.request('attach', { interface: ACCESS, mac });
      await served();
      const total = (await counters()).pbuSent;
      expect(total).toBeGreaterThan(0);
      expect(mooring('clear', 'ipv6', 'mobile', 'pmipv6', 'mag', 'M1', 'stats').output).toBe(
        'counters of M1 cleared\n',
      );
      const [shown] = await mag.request<{ stats: { pbuSent: number }; access: { attachedReported: number } }[]>(
        'show',
        {
          query: 'mag-stats',
        },
      );
      expect(shown).toMatchObject({ stats: { pbuSent: 0 }, access: { attachedReported: 0 } });
      expect((await counters()).pbuSent).toBe(total);
      const clear = (...words: string[]) => mooring('clear', 'ipv6', 'mobile', 'pmipv6', 'mag', 'binding', ...words);
      expect(clear('mac', '0024.d78e.21a5')).toMatchObject({
        status: 1,
        errors: 'mooring: no binding of 0024.d78e.21a5\n',
      });
      expect(clear('mac', mac)).toMatchObject({ status: 0, output: '1 binding told to end\n' });
      await gone();
      expect(clear('all')).toMatchObject({ status: 0, output: '0 bindings told to end\n' });
      await expect(mag.request('clear-stats', { role: 'mag', node: 'M9' })).rejects.toMatchObject({
        code: 'bad-request',
      });
    }, 20_000);
  });
});
