import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlSession } from '#cli/control-session.ts';
import { monitorText } from '#cli/shell/index.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import { DEBUG_FLAGS } from '#daemon/debug/flags.ts';
import { HttpClient } from '../http-client.ts';
import { type Daemon, eventually, Network, obstacle, root } from '../network.ts';
import { type OpenApiDocument, operationsOf } from '../openapi-requests.ts';
import { FreeRadius, freeRadiusObstacle } from './free-radius.ts';

const why = [obstacle, freeRadiusObstacle].filter((text) => text !== '').join('; ');
/** Every secret begins with it, and nothing else has it. */
const MARK = 'Sekret';
const secret = (name: string) => `${MARK}-${name}`;
const USERS = '02-00-00-00-00-01 Cleartext-Password := "cisco"\n  Cisco-AVPair = "mn-nai=known@example.com"\n';

const BEGINNING = `service password-encryption
enable secret ${secret('enable')}
username bob privilege 15 secret ${secret('user')}
ip http server
ip http port 8081
ip http rate-limit 10000
ip http token watcher role read-only secret ${secret('looks')}
ip http token boss role read-write secret ${secret('does')}
aaa new-model
aaa group server radius G
  server 127.0.0.1
  server name other
aaa authorization ipmobile default group G
radius-server timeout 1
radius-server retransmit 0
radius-server attribute 31 mac format ietf lower-case
radius-server key ${secret('global')}
radius-server host 127.0.0.1 key ${secret('host')}
radius server other
  address ipv4 127.0.0.2
  key ${secret('named')}
aaa server radius dynamic-author
  client 127.0.0.1 server-key ${secret('dynamic')}
aaa server radius proxy
  key ${secret('proxy')}
  client 127.0.0.1
    key ${secret('client')}
ipv6 unicast-routing`;
/** Wrong in as many ways as keys can be. */
const WRONG = `radius-server host 127.0.0.1 key 7 ${secret('type-7')}
radius-servr key ${secret('mistyped')}
username bob secret 9 ${secret('hash')}
enable password ${secret('password')}
ipv6 mobile pmipv6-domain D1
  auth-option spi 64 key ascii ${secret('a')} ${secret('b')}
`;

describe.skipIf(why !== '')(`what a daemon with secrets says (${why || 'root, BPF, freeradius'})`, () => {
  let network: Network;
  let radius: FreeRadius;
  let mag: Daemon;
  let http: HttpClient;
  let session: ControlSession;
  let file: string;
  let text: string;
  /** By where it came out. */
  const said = new Map<string, string>();
  const note = (where: string, what: string) => said.set(where, (said.get(where) ?? '') + what);
  const noteRequest = async (where: string, request: string, parameters: object = {}) =>
    note(where, JSON.stringify(await mag.request(request, parameters).catch((error: Error) => error.message)));

  function radclient(kind: string, attributes: string, key: string, port: number): string {
    const words = ['netns', 'exec', network.namespace('mag'), 'radclient', '-r', '1', '-t', '1', `127.0.0.1:${port}`];
    return spawnSync('ip', [...words, kind, key], { input: attributes, encoding: 'utf8' }).stdout;
  }

  beforeAll(async () => {
    network = new Network(`mts${process.pid}`);
    text = readFileSync(join(root, 'examples/mag1.cfg'), 'utf8')
      .replace('ipv6 unicast-routing', BEGINNING)
      .replace(
        '  lma lma1\n',
        `  mn-profile-load-aaa\n  auth-option spi 64 key ascii ${secret('domain')}\n  lma lma1\n`,
      )
      .replace(
        '  role 3GPP\n',
        `  role 3GPP\n  sessionmgr\n  lma lma1\n    auth-option spi 65 key ascii ${secret('lma')}\n`,
      );
    file = join(network.directory, 'mag.cfg');
    writeFileSync(file, text);
    radius = new FreeRadius(join(network.directory, 'radius'), USERS);
    await radius.start(network.namespace('mag'));
    const report = [
      '--report-on-signal',
      '--report-signal=SIGUSR2',
      '--report-uncaught-exception',
      `--report-directory=${network.directory}`,
      `--import=${join(root, 'test/daemon/failing-main.mjs')}`,
    ];
    mag = network.startUnder([], { NODE_OPTIONS: report.join(' ') }, 'mag', file, 'mag.sock');
    await mag.ready();
    await eventually(async () => mag.output.includes('"http-started"'));
    http = new HttpClient(network.namespace('mag'), 'http://127.0.0.1:8081/api/v1');
    session = await ControlSession.open(mag.control);
    session.onEvent = (event) => note('monitor', monitorText(event));
    await session.ask({ request: 'monitor', on: true });
    await session.ask({ request: 'debug', flags: Object.keys(DEBUG_FLAGS), on: true });
  }, 60_000);

  afterAll(async () => {
    session?.close();
    http?.close();
    await radius?.stop();
    await network?.remove();
  });

  it('has none of them in logs, debugging, show, captures, the API, metrics, findings, policies and reports, whatever goes wrong', async () => {
    // The server drops what another key signed; clients come with wrong keys and right ones.
    await noteRequest('capture', 'capture', { name: 'SIG', action: 'start' });
    await mag.request('attach', { interface: 'GigabitEthernet0/1/0.3074', mac: '0200.0000.0001' });
    const named = 'User-Name = "02-00-00-00-00-01"\n';
    for (const key of ['wrong', secret('dynamic')]) {
      note('radclient', radclient('disconnect', named, key, 3799));
      note('radclient', radclient('coa', `${named}Session-Timeout = 5\n`, key, 3799));
    }
    const start = 'Acct-Status-Type = Start\nCalling-Station-Id = "02-00-00-00-00-02"\nAcct-Session-Id = "1"\n';
    for (const key of ['wrong', secret('client')]) radclient('acct', start, key, 1813);
    await eventually(async () => {
      const view = await mag.request<AaaServersView>('show', { query: 'aaa-servers' });
      return view.stats.noAnswer > 0 && view.dynamicAuthorization?.stats.badAuthenticators === 2;
    });

    for (const query of [
      'running-config',
      'startup-config',
      'logging',
      'aaa-servers',
      'aaa-domains',
      'mag-globals',
      'mag-stats',
      'mag-binding',
      'dataplane',
      'version',
    ])
      await noteRequest(`show ${query}`, 'show', { query });
    await noteRequest('captured', 'captured', { name: 'SIG' });
    for (const command of ['doctor', 'ipsec-policy']) {
      const words = [process.execPath, join(root, 'bin/mooring'), command, '--control', mag.control];
      const run = spawnSync('ip', ['netns', 'exec', network.namespace('mag'), ...words], { encoding: 'utf8' });
      note(command, run.stdout + run.stderr);
    }
    for (const request of ['identity', 'session', 'state', 'statistics', 'health']) await noteRequest(request, request);
    await noteRequest('login', 'login', { user: 'bob', password: 'wrong' });
    await noteRequest('reconfigure', 'reconfigure', { text: WRONG });
    const document = await http.json<OpenApiDocument>('/openapi.json');
    for (const { method, path } of operationsOf(document)) {
      if (path.endsWith('/events')) continue;
      for (const token of [undefined, secret('does')]) {
        const body =
          method === 'GET' ? {} : { body: path.endsWith('/check') || method === 'PUT' ? { text: WRONG } : {} };
        const { text: answer } = await http.ask(path.replace(/^.*\/api\/v1/, '').replace(/\{.*?\}/g, 'mag:M1'), {
          method,
          ...(token !== undefined && { token }),
          ...body,
        });
        note(`${method} ${path}`, answer);
      }
    }
    note(
      'events',
      (await http.ask('/events', { token: secret('does'), headers: { 'Last-Event-ID': '0' }, until: 'data' })).text,
    );
    for (const token of ['wrong', `${secret('does')}-not`])
      note('wrong token', (await http.ask('/configuration', { token })).text);
    for (const path of ['/nodes/0200.0000.0001/ladder', '/captures/SIG/file'])
      note(path, (await http.ask(path, { token: secret('does') })).text);
    note('metrics', (await http.ask(`${http.origin}/metrics`, { token: secret('looks') })).text);

    writeFileSync(file, text + WRONG);
    note('check', spawnSync(process.execPath, [join(root, 'bin/mooring'), 'check', file], { encoding: 'utf8' }).stdout);
    mag.kill('SIGHUP');
    const { pid } = await mag.request<{ pid: number }>('ping');
    process.kill(pid, 'SIGUSR2');
    const reports = () => readdirSync(network.directory).filter((name) => /^report.*json$/.test(name));
    const whole = (name: string) => readFileSync(join(network.directory, name), 'utf8').trimEnd().endsWith('}');
    await eventually(async () => reports().length === 1 && reports().every(whole));
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size +0 /m);
    // What the program prints and leaves when it fails.
    process.kill(pid, 'SIGWINCH');
    await mag.ended;
    for (const name of reports()) note('report', readFileSync(join(network.directory, name), 'utf8'));
    note('log', mag.output);

    expect(said.get('show running-config')).toMatch(/key 7 [0-9A-F]+/);
    const api = (method: string, end: string) =>
      [...said].find(([where]) => where.startsWith(method) && where.endsWith(end))?.[1];
    expect(api('GET', '/configuration')).toMatch(/key 7 [0-9A-F]+/);
    expect(api('PUT', '/configuration')).toContain('is not a key of type 7');
    expect(api('POST', '/check')).toContain('is not a key of type 7');
    expect(said.get('metrics')).toContain('mooring_mag_');
    expect(said.get('/nodes/0200.0000.0001/ladder')).toContain('Access-Request');
    expect(said.get('/captures/SIG/file')?.length).toBeGreaterThan(28);
    expect(said.get('doctor')).toContain('MAG M1');
    expect(said.get('monitor')).toContain('RADIUS: Send Access-Request');
    expect(said.get('monitor')).toMatch(/RADIUS: Received from id \d+ 127\.0\.0\.1:\d+, Disconnect-Request/);
    expect(said.get('monitor')).toContain('RADIUS: Send Disconnect-ACK');
    expect(said.get('log')).toContain('dynamic-author-bad-authenticator');
    expect(said.get('log')).toContain('Error: made to fail');
    expect(said.get('report')).toContain('"message": "Error: made to fail"');
    expect(said.get('check')).toContain('is not a key of type 7');
    expect([...said].filter(([, what]) => what.includes(MARK)).map(([where]) => where)).toEqual([]);
  }, 60_000);
});
