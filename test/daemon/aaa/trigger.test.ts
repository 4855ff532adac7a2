import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlSession } from '#cli/control-session.ts';
import { monitorText } from '#cli/shell/index.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { HttpClient } from '../http-client.ts';
import { type Daemon, eventually, Network, obstacle, root } from '../network.ts';
import { FreeRadius, freeRadiusObstacle, SECRET } from './free-radius.ts';

const RADCLIENT = spawnSync('radclient', ['-v']).status === 0;
const why = [obstacle, freeRadiusObstacle, RADCLIENT ? '' : 'needs freeradius-utils']
  .filter((text) => text !== '')
  .join('; ');
const ACCESS = 'GigabitEthernet0/1/0.3074';
const SERVER = '203.0.113.115';
const AP_SECRET = 'ap words';
const MN = '0024.d78e.21a4';
const CALLING = 'Calling-Station-Id = "00-24-D7-8E-21-A4"';
const AP = 'NAS-Identifier = "ap1"';

const CONFIGURATION = readFileSync(join(root, 'examples/mag1.cfg'), 'utf8')
  .replace(
    'ipv6 unicast-routing',
    `ip http server
ip http port 8081
radius-server timeout 1
radius-server retransmit 1
radius-server host ${SERVER} key ${SECRET}
aaa server radius proxy
  accounting port 1815
  client ${SERVER}
    key ${AP_SECRET}
ipv6 unicast-routing`,
  )
  .replace('  nai default', '  nai mn7@example.com\n    apn example_A.com\n    lma lma1\n  nai default')
  .replace('  role 3GPP', '  role 3GPP\n  sessionmgr');

describe.skipIf(why !== '')(`access points that account (${why || 'root, BPF, freeradius, radclient'})`, () => {
  let network: Network;
  let radius: FreeRadius;
  let mag: Daemon;
  let api: HttpClient;

  const bindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const bound = (nai: string) =>
    eventually(async () => (await bindings()).find((row) => row.nai === nai && row.state === 'ACTIVE'));
  const gone = () => eventually(async () => (await bindings()).length === 0 || undefined);
  const proxy = async () =>
    (await mag.request<AaaServersView>('show', { query: 'aaa-servers' })).accountingProxy as NonNullable<
      AaaServersView['accountingProxy']
    >;
  const records = (session: string) =>
    radius.accounting().filter((record) => record.get('Acct-Session-Id') === session);

  /** What radclient prints. */
  function account(status: string, session: string, more = [AP, CALLING], patience = 10, secret = AP_SECRET): string {
    const file = join(network.directory, 'secret');
    writeFileSync(file, secret);
    const said = [`Acct-Status-Type = ${status}`, `Acct-Session-Id = "${session}"`, 'NAS-Port = 1', ...more];
    const words = [
      'netns',
      'exec',
      network.namespace('mag'),
      'radclient',
      '-x',
      '-r',
      '1',
      '-t',
      `${patience}`,
      '-S',
      file,
    ];
    const { stdout, stderr } = spawnSync('ip', [...words, `${SERVER}:1815`, 'acct'], {
      input: said.join('\n'),
      encoding: 'utf8',
    });
    return stdout + stderr;
  }

  beforeAll(async () => {
    network = new Network(`mta${process.pid}`);
    network.ip('mag', 'address', 'add', `${SERVER}/32`, 'dev', 'lo');
    radius = new FreeRadius(join(network.directory, 'radius'), '');
    const file = join(network.directory, 'mag.cfg');
    writeFileSync(file, CONFIGURATION);
    const lma = network.start('lma', 'examples/lma.cfg', 'lma.sock');
    mag = network.start('mag', file, 'mag.sock');
    await Promise.all([radius.start(network.namespace('mag')), lma.ready(), mag.ready()]);
    await eventually(async () => (await proxy()).listening.includes(SERVER));
    api = new HttpClient(network.namespace('mag'), 'http://127.0.0.1:8081/api/v1');
    await eventually(async () => mag.output.includes('"http-started"') || undefined, 20_000);
  }, 40_000);

  afterAll(async () => {
    api?.close();
    await radius?.stop();
    await network?.remove();
  });

  it('[RFC 2866 §2] a node comes with the Start of its access point and goes with the Stop; the server has both records, and answers', async () => {
    const more = [AP, CALLING, 'User-Name = "anonymous@example.com"', 'Proxy-State = 0x6f6e65', 'Cisco-AVPair = "a=b"'];
    const hello = await api.ask('/events', { until: 'event: hello\ndata: ' });
    const answer = account('Start', 's1', more);
    expect(answer).toContain('Received Accounting-Response');
    expect(answer).toContain('Proxy-State = 0x6f6e65');
    await bound(MN);
    account('Interim-Update', 's1');
    account('Stop', 's0');
    expect(await bindings()).toHaveLength(1);
    expect(account('Stop', 's1')).toContain('Received Accounting-Response');
    await gone();
    expect(records('s1').map((record) => record.get('Acct-Status-Type'))).toEqual(['Start', 'Interim-Update', 'Stop']);
    expect(records('s1')[0]?.get('Cisco-AVPair')).toBe('a=b');
    const after = /^id: (\S+)$/m.exec(hello.text)?.[1] as string;
    const { text } = await api.ask(`/events?mac=${MN}`, {
      headers: { 'last-event-id': after },
      until: '"status":"stop"',
    });
    const told = [...text.matchAll(/^data: (\{.*\})$/gm)].map((match) => JSON.parse(match[1] as string));
    const of = { client: SERVER, nas: 'ap1', interface: ACCESS, mac: MN };
    expect(told.filter(({ kind }) => kind === 'station-accounted')).toMatchObject([
      { node: 'M1', fields: { ...of, status: 'start', accountingSession: 's1' } },
      { node: 'M1', fields: { ...of, status: 'interim', accountingSession: 's1' } },
      { node: 'M1', fields: { ...of, status: 'stop', accountingSession: 's0' } },
      { node: 'M1', fields: { ...of, status: 'stop', accountingSession: 's1' } },
    ]);
    const kinds = told.map(({ kind }) => kind);
    for (const kind of ['mobile-node-seen', 'session-active', 'session-ended']) expect(kinds).toContain(kind);
    expect(kinds.indexOf('station-accounted')).toBeLessThan(kinds.indexOf('session-active'));
  });

  it('a node that proved a name to its access point has the profile of that name; when the access point begins anew, the node is gone', async () => {
    account('Start', 's2', [AP, CALLING, 'User-Name = "mn7@example.com"', `NAS-Port-Id = "${ACCESS}"`]);
    const row = await bound('mn7@example.com');
    expect(row).toMatchObject({ llid: MN, interface: ACCESS });
    account('Accounting-On', 'on', ['NAS-Identifier = "ap2"']);
    expect(await bindings()).toHaveLength(1);
    account('Accounting-On', 'on', [AP]);
    await gone();
  });

  it('answers nothing to what another key signed, nor while no server answers, though the node is served then', async () => {
    expect(account('Start', 's3', [AP, CALLING], 1, 'wrong')).toContain('No reply');
    expect((await proxy()).stats).toMatchObject({ badAuthenticators: 1, requests: 7 });
    expect(await bindings()).toEqual([]);
    await radius.stop();
    expect(account('Start', 's3', [AP, CALLING], 1)).toContain('No reply');
    await bound(MN);
    await eventually(async () => (await proxy()).stats.notForwarded === 1);
  }, 20_000);

  it('prints the keys nowhere: not in what is shown, nor the running configuration once they are encrypted, the log, or while RADIUS is debugged', async () => {
    const encrypted = CONFIGURATION.replace('aaa server', 'service password-encryption\naaa server');
    await mag.request('reconfigure', { text: encrypted });
    const backend = await ControlSession.open(mag.control);
    let shown = '';
    backend.onEvent = (event) => {
      shown += monitorText(event);
    };
    await backend.ask({ request: 'monitor', on: true });
    await backend.ask({ request: 'debug', flags: ['radius'], on: true });
    account('Stop', 's3', [AP, CALLING], 1);
    account('Start', 's5', [AP, CALLING], 1, 'wrong');
    await eventually(async () => shown.includes('Accounting-Request') || undefined);
    await backend.ask({ request: 'debug', on: false });
    backend.close();
    const queries = [
      'running-config',
      'aaa-servers',
      'mag-globals',
      'mag-binding',
      'mag-stats',
      'logging',
      'mag-tunnel',
    ];
    const requests = [
      ...queries.map((query) => mag.request('show', { query })),
      ...['state', 'statistics', 'identity', 'operators', 'debugging'].map((request) => mag.request(request)),
    ];
    const answers = await Promise.allSettled(requests);
    const texts = answers.flatMap((each) => (each.status === 'fulfilled' ? [JSON.stringify(each.value)] : []));
    expect(texts.length).toBeGreaterThan(8);
    expect(texts[0]).toMatch(/key 7 [0-9A-F]+/);
    for (const text of [...texts, shown, mag.output]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(AP_SECRET);
    }
  }, 20_000);

  it('answers by itself where no server is configured, and only while it is configured', async () => {
    await mag.request('reconfigure', { text: CONFIGURATION.replace(/radius-server host .*\n/, '') });
    expect(account('Stop', 's3')).toContain('Received Accounting-Response');
    await gone();
    const { stats, results } = await proxy();
    expect(stats).toMatchObject({ answered: 8, forwarded: 7 });
    expect(results).toMatchObject({ told: stats.requests, other: 0, 'without-station': 0, 'without-interface': 0 });
    await mag.request('reconfigure', { text: CONFIGURATION.replace('  sessionmgr\n', '') });
    expect(account('Start', 's4', [AP, CALLING], 1)).toContain('No reply');
    expect(await proxy()).toBeUndefined();
  }, 20_000);
});
