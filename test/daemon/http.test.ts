import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snakeCase } from '#api/metrics/names.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeUdp } from '#wire/udp.ts';
import { DISCOVER, layer2Update, MN } from '../proto/access/link.ts';
import { HttpClient } from './http-client.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle, root } from './network.ts';
import { fuzzed, type OpenApiDocument, operationsOf } from './openapi-requests.ts';

const HTTP = `ip http server
ip http port 8081
ip http rate-limit 10000
ip http token watcher role read-only secret looks
ip http token boss role read-write secret does
`;
/** Of Debian's package prometheus. */
const PROMTOOL = '/usr/bin/promtool';
/** Requests for each operation. */
const FUZZED = process.env.MOORING_NIGHTLY === undefined ? 25 : 1000;
const mac = MN.toCiscoString();

interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
  readonly nextCursor: string | null;
}
interface Traffic {
  readonly up: { readonly packets: number; readonly octets: number };
  readonly down: { readonly packets: number; readonly octets: number };
}
interface Step {
  readonly kind: string;
  readonly name?: string;
  readonly code?: string;
  readonly protocol?: string;
  readonly direction?: string;
  readonly tree?: readonly string[];
}

describe.skipIf(obstacle !== '')(`the HTTP API of a daemon (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let lma: Daemon;
  let mag: Daemon;
  let lmaHttp: HttpClient;
  let magHttp: HttpClient;

  beforeAll(async () => {
    network = new Network(`mtw${process.pid}`);
    const files = ['lma', 'mag1'].map((name) => {
      const file = join(network.directory, `${name}.cfg`);
      writeFileSync(file, HTTP + readFileSync(join(root, `examples/${name}.cfg`), 'utf8'));
      return file;
    }) as [string, string];
    lma = network.start('lma', files[0], 'lma.sock');
    mag = network.start('mag', files[1], 'mag.sock');
    lmaHttp = new HttpClient(network.namespace('lma'), 'http://127.0.0.1:8081/api/v1');
    magHttp = new HttpClient(network.namespace('mag'), 'http://[::1]:8081/api/v1');
    await Promise.all([lma.ready(), mag.ready()]);
    for (const daemon of [lma, mag])
      await eventually(async () => daemon.output.match(/"http-started"/g)?.length === 2 || undefined, 20_000);
    network.transmit(layer2Update(), DISCOVER);
    await eventually(
      async () => (await magHttp.json<Page<MagBindingRow>>('/bindings')).items[0]?.state === 'ACTIVE' || undefined,
    );
  }, 60_000);

  afterAll(async () => {
    lmaHttp?.close();
    magHttp?.close();
    await network.remove();
  });

  /** What has gone through the tunnel of the mobile node: by show … tunnel, by the API twice, by show dataplane, by the metrics. */
  async function carried(role: 'lma' | 'mag') {
    const [daemon, client] = role === 'lma' ? [lma, lmaHttp] : [mag, magHttp];
    const [shown] = await daemon.request<{ tunnels: Traffic[] }[]>('show', { query: `${role}-tunnel` });
    const { items } = await client.json<Page<{ tunnels: Traffic[] }>>('/tunnels');
    const [row] = (await client.json<Page<{ id: string }>>('/bindings')).items;
    const { traffic } = await client.json<{ traffic: Traffic }>(`/bindings/${encodeURIComponent(row?.id ?? '')}`);
    const { forwarding } = await daemon.request<{ forwarding: Traffic[] }>('show', { query: 'dataplane' });
    const { text } = await client.ask(`${client.origin}/metrics`);
    const metric = (of: string, direction: string) =>
      Number(
        new RegExp(`^mooring_tunnel_${of}_total\\{role="${role}",.*direction="${direction}"\\} (\\d+)$`, 'm').exec(
          text,
        )?.[1],
      );
    const both = (direction: string) => ({
      packets: metric('packets', direction),
      octets: metric('octets', direction),
    });
    const metrics = { up: both('up'), down: both('down') };
    const [tunnel, tunnels, dataplane] = [shown?.tunnels[0], items[0]?.tunnels[0], forwarding[0]] as [
      Traffic,
      Traffic,
      Traffic,
    ];
    return { tunnel, tunnels, binding: traffic, dataplane, metrics };
  }

  it('says the same as show', async () => {
    const show = <T>(daemon: Daemon, query: string) => daemon.request<T>('show', { query });
    const { items } = await lmaHttp.json<Page<LmaBindingRow>>('/bindings');
    const [row] = await show<LmaBindingRow[]>(lma, 'lma-binding');
    expect(items).toEqual([
      {
        ...row,
        id: `lma:${row?.id}`,
        role: 'lma',
        node: 'lma1',
        lifetimeRemaining: expect.closeTo(row?.lifetimeRemaining ?? 0, -1),
      },
    ]);
    const atMag = await magHttp.json<Page<MagBindingRow>>('/bindings');
    const [served] = await show<MagBindingRow[]>(mag, 'mag-binding');
    const drifting = { lifetimeRemaining: expect.any(Number), refreshRemaining: expect.any(Number) };
    expect(atMag.items).toEqual([{ ...served, ...drifting, id: `mag:M1/${MN}`, role: 'mag', node: 'M1' }]);
    expect(await lmaHttp.json('/pools')).toEqual({
      ipv4: await show(lma, 'ipv4-pool'),
      ipv6: await show(lma, 'ipv6-pool'),
    });
    const [tunnels] = await show<{ tunnels: unknown }[]>(lma, 'lma-tunnel');
    expect(await lmaHttp.json('/tunnels')).toMatchObject({
      items: [{ role: 'lma', node: 'lma1', tunnels: tunnels?.tunnels }],
    });
    const [path] = await show<{ paths: unknown }[]>(lma, 'lma-heartbeat');
    expect(await lmaHttp.json('/peers')).toMatchObject({ items: [{ node: 'lma1', paths: path?.paths }] });
    expect(await lmaHttp.json('/statistics')).toMatchObject({ lmas: await show(lma, 'lma-stats'), mags: [] });
    expect(await lmaHttp.json('/configuration', { token: 'does' })).toMatchObject(
      await show<object>(lma, 'running-config'),
    );
  });

  it('one binding has what was carried for it, and whoever is gone is not found', async () => {
    const id = encodeURIComponent(`mag:M1/${MN}`);
    expect(await magHttp.json(`/bindings/${id}`)).toMatchObject({
      llid: mac,
      traffic: { up: { packets: expect.any(Number) } },
    });
    expect((await magHttp.ask('/bindings/mag%3AM1%2F02%3A00%3A00%3A00%3A00%3A07')).status).toBe(404);
  });

  it('the history of a mobile node has its signalling, its DHCP and what came of them', async () => {
    const { nai } = (await magHttp.json<Page<MagBindingRow>>('/bindings')).items[0] as MagBindingRow;
    type History = {
      steps: Step[];
      complete: boolean;
      attachments: { mac: string; stepsMs: Record<string, number> }[];
    };
    const history = await eventually(async () => {
      const found = await magHttp.json<History>(`/bindings/${encodeURIComponent(`mag:M1/${MN}`)}/history`);
      return found.steps.some(({ name }) => name === 'DHCPOFFER') ? found : undefined;
    });
    const names = history.steps.map(({ name, code }) => name ?? code);
    for (const name of [
      'mobile-node-seen',
      'PBU',
      'PBA',
      'binding-active',
      'session-active',
      'DHCPDISCOVER',
      'DHCPOFFER',
    ])
      expect(names).toContain(name);
    expect(names.indexOf('PBU')).toBeLessThan(names.indexOf('PBA'));
    expect(history.complete).toBe(true);
    expect(history.attachments[0]).toMatchObject({ mac, stepsMs: { forwardingReady: expect.any(Number) } });
    const ladder = await lmaHttp.json<{ steps: Step[] }>(`/nodes/${encodeURIComponent(nai)}/ladder`);
    expect(ladder.steps.slice(0, 2)).toMatchObject([
      { name: 'PBU', direction: 'received', protocol: 'pmipv6', decoded: { layers: [{ protocol: 'mobility' }] } },
      { name: 'PBA', direction: 'sent', local: `${anchor}`, remote: `${gateway}` },
    ]);
    expect(ladder.steps[0]?.tree?.join('\n')).toContain('Mobile Node Identifier');
  });

  it('streams what happens, and what a client has missed', async () => {
    const hello = await lmaHttp.ask('/events', { until: 'event: hello\ndata: ' });
    expect(hello.headers['content-type']).toContain('text/event-stream');
    const first = /^id: (\S+)$/m.exec(hello.text)?.[1] as string;
    expect(await lmaHttp.json('/clear', { method: 'POST', token: 'does', body: { mac } })).toEqual({ bindings: 1 });
    await eventually(async () => (await magHttp.json<Page<unknown>>('/bindings')).total === 0 || undefined);
    network.transmit(layer2Update());
    const { text } = await lmaHttp.ask('/events?kind=binding-revoked,binding-created', {
      headers: { 'last-event-id': first },
      until: 'event: binding-created',
    });
    const data = [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] as string));
    expect(data).toMatchObject([
      { kind: 'binding-revoked', node: 'lma1', fields: { mac } },
      { kind: 'binding-created', node: 'lma1', fields: { mac, mag: 'M1' } },
    ]);
    const lost = await lmaHttp.ask('/events?after=elsewhere-7', { until: '\ndata:' });
    expect(lost.text).toContain('event: reset');
  });

  it('lets nobody change anything without a token of role read-write', async () => {
    const clear = { method: 'POST', body: { all: true } };
    expect((await lmaHttp.ask('/clear', clear)).status).toBe(401);
    expect((await lmaHttp.ask('/clear', { ...clear, token: 'looks' })).status).toBe(403);
    expect((await lmaHttp.ask('/clear', { ...clear, token: 'guess' })).status).toBe(401);
    expect((await lmaHttp.ask('/configuration')).status).toBe(401);
    expect((await lmaHttp.ask('/bindings', { headers: { host: 'evil.example' } })).status).toBe(401);
    expect((await lmaHttp.ask('/bindings', { headers: { host: 'evil.example' }, token: 'looks' })).status).toBe(200);
    expect(await lma.request('show', { query: 'lma-binding-count' })).toEqual({ bindings: 1 });
  });

  it('applies a configuration whole or not at all, and only over the one that was read', async () => {
    const token = 'does';
    const before = await lmaHttp.ask('/configuration', { token, headers: { accept: 'text/plain' } });
    const wrong = await lmaHttp.ask('/configuration', {
      method: 'PUT',
      token,
      body: { text: `${before.text}\nfrobnicate\n` },
    });
    expect([wrong.status, wrong.headers['content-type']]).toEqual([422, 'application/problem+json; charset=utf-8']);
    expect(JSON.parse(wrong.text).errors[0].message).toContain('frobnicate');
    const checked = { method: 'POST', token, body: { text: 'frobnicate' } };
    expect(await lmaHttp.json('/configuration/check', checked)).toMatchObject({
      valid: false,
      diagnostics: [{ line: 1 }],
    });
    const absent = await lmaHttp.ask('/configuration', { method: 'PUT', token, body: { text: null } });
    expect([absent.status, JSON.parse(absent.text).detail]).toEqual([400, 'body/text must be string']);
    const renamed = { text: before.text.replace('hostname lma', 'hostname renamed') };
    const put = (etag: string) =>
      lmaHttp.ask('/configuration', { method: 'PUT', token, body: renamed, headers: { 'if-match': etag } });
    expect((await put('"another"')).status).toBe(412);
    expect((await put(before.headers.etag as string)).status).toBe(200);
    expect(await lmaHttp.json('/ready')).toMatchObject({ ready: true, hostname: 'renamed' });
    expect((await put(before.headers.etag as string)).status).toBe(412);
  });

  it('answers as its OpenAPI document says', async () => {
    const document = await magHttp.json<OpenApiDocument>('/openapi.json');
    const ajv = new Ajv2020({ strict: false });
    const { nai } = (await magHttp.json<Page<MagBindingRow>>('/bindings')).items[0] as MagBindingRow;
    const parameters: Record<string, string> = { id: `mag:M1/${MN}`, nai };
    const read = operationsOf(document).filter(({ method, path }) => method === 'GET' && !path.endsWith('/events'));
    expect(read.length).toBeGreaterThan(12);
    for (const { path, responses } of read) {
      const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parameters[name] ?? ''));
      for (const client of [lmaHttp, magHttp]) {
        const { status, headers, text } = await client.ask(client.origin + filled, { token: 'does' });
        const [type = ''] = (headers['content-type'] ?? '').split(';');
        const schema = responses[status < 400 ? status : '4XX']?.content?.[type]?.schema;
        expect(schema, `${status} ${type} of ${path}`).toBeDefined();
        const valid = ajv.compile(schema ?? {});
        if (type.endsWith('json')) expect(valid(JSON.parse(text)) || ajv.errorsText(valid.errors), path).toBe(true);
      }
    }
  });

  it('changes things as its OpenAPI document says', async () => {
    const document = await magHttp.json<OpenApiDocument>('/openapi.json');
    const ajv = new Ajv2020({ strict: false });
    const token = 'does';
    const { text } = await magHttp.ask('/configuration', { token, headers: { accept: 'text/plain' } });
    const guest = '0200.0000.0009';
    const bodies: Readonly<Record<string, object>> = {
      'POST /api/v1/attach': { interface: 'GigabitEthernet0/1/0.3074', mac: guest },
      'POST /api/v1/detach': { interface: 'GigabitEthernet0/1/0.3074', mac: guest },
      'POST /api/v1/clear': { mac: guest },
      'POST /api/v1/configuration/check': { text },
      'PUT /api/v1/configuration': { text },
      'PUT /api/v1/captures/{name}': { megabytes: 1, mobileNode: { nai: 'mn1' }, packetLength: 96 },
      'POST /api/v1/captures/{name}/stop': {},
      'DELETE /api/v1/captures/{name}': {},
    };
    const operations = operationsOf(document).filter(({ method }) => method !== 'GET');
    const nameOf = ({ method, path }: (typeof operations)[number]) => `${method} ${path}`;
    expect(operations.map(nameOf).sort()).toEqual(Object.keys(bodies).sort());
    for (const name of Object.keys(bodies)) {
      const { method, path, responses } = operations.find((one) => nameOf(one) === name) as (typeof operations)[number];
      const asked = magHttp.origin + path.replace('{name}', 'of%20it');
      const answer = await magHttp.ask(asked, { method, token, body: bodies[name] });
      expect(answer.status, `${name}: ${answer.text}`).toBeLessThan(300);
      const valid = ajv.compile(responses[answer.status]?.content?.['application/json']?.schema ?? false);
      expect(valid(JSON.parse(answer.text)) || ajv.errorsText(valid.errors), name).toBe(true);
    }
  });

  it.skipIf(!existsSync(PROMTOOL))('has metrics that Prometheus finds nothing wrong with', async () => {
    for (const client of [lmaHttp, magHttp]) {
      const { text } = await client.ask(`${client.origin}/metrics`);
      const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect(`${stdout}${stderr}`).toBe('');
      expect(status).toBe(0);
    }
  });

  it('has the metrics that the alert rules and the dashboard of examples/ ask for', async () => {
    const scraped = await Promise.all([lmaHttp, magHttp].map((client) => client.ask(`${client.origin}/metrics`)));
    const names = new Set(
      scraped.flatMap(({ text }) => [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1])),
    );
    const asked = ['alerts.yml', 'grafana-dashboard.json'].flatMap((name) =>
      readFileSync(join(root, 'examples/monitoring', name), 'utf8').match(/\bmooring_\w+/g),
    );
    expect(asked.length).toBeGreaterThan(40);
    // This bed has no heartbeats, no store and no RADIUS servers: of these the sources have the names.
    const sources = readFileSync(join(root, 'src/api/metrics/metrics.ts'), 'utf8');
    const exists = (name: string) => names.has(name) || sources.includes(`'${name}'`);
    expect([...new Set(asked)].filter((name) => !exists(name ?? ''))).toEqual([]);
  });

  it.skipIf(!existsSync(PROMTOOL))('has alert rules that Prometheus can read', () => {
    const { status, stdout } = spawnSync(PROMTOOL, ['check', 'rules', join(root, 'examples/monitoring/alerts.yml')], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it('has what was sent through the tunnel, to the packet and the octet, and so have show and the metrics', async () => {
    const [{ hoa } = { hoa: null }] = await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
    network.ip('lma', 'route', 'add', 'blackhole', '198.51.100.9/32');
    const before = { lma: await carried('lma'), mag: await carried('mag') };
    const frame = upFrame(Ipv4Address.parse(hoa ?? '') as Ipv4Address, 172);
    network.transmit(...Array.from({ length: 5 }, () => frame));
    // Nobody answers; a packet of 20 + 8 + 72 octets goes to the node each time.
    const ping = ['-c', '3', '-i', '0.05', '-W', '0.1', '-s', '72', `${hoa}`];
    spawnSync('ip', ['netns', 'exec', network.namespace('lma'), 'ping', ...ping]);
    for (const role of ['lma', 'mag'] as const) {
      const same = { up: { packets: 5, octets: 1000 }, down: { packets: 3, octets: 300 } };
      const after = await eventually(async () => {
        const now = difference(await carried(role), before[role]);
        return now.metrics.up.packets === 5 && now.metrics.down.packets === 3 ? now : undefined;
      });
      expect(after).toEqual({ tunnel: same, tunnels: same, binding: same, dataplane: same, metrics: same });
    }
  });

  it('every counter of show … stats is a metric', async () => {
    type Counters = Readonly<Record<string, number | Readonly<Record<string, number>>>>;
    type Row = Readonly<Partial<Record<'stats' | 'heartbeat' | 'access', Counters>>>;
    let counters = 0;
    for (const [client, daemon, role, of] of [
      [lmaHttp, lma, 'lma', 'lma="lma1"'],
      [magHttp, mag, 'mag', 'mag="M1"'],
    ] as const) {
      const { text } = await client.ask(`${client.origin}/metrics`);
      const [row = {}] = await daemon.request<Row[]>('show', { query: `${role}-stats` });
      const groups = [
        [role, of, row.stats],
        ['access', of, row.access],
        ['heartbeat', `role="${role}",node="${role === 'lma' ? 'lma1' : 'M1'}"`, row.heartbeat],
      ] as const;
      for (const [group, labels, shown] of groups)
        for (const [name, count] of Object.entries(shown ?? {}))
          for (const [part, value] of typeof count === 'number' ? [['', count]] : Object.entries(count)) {
            const series = `mooring_${group}_${snakeCase(name)}_total{${labels}${part === '' ? '' : `,\\w+="${part}"`}}`;
            const line = new RegExp(`^${series.replace('{', '\\{')} (\\S+)$`, 'm').exec(text)?.[1];
            expect(Number(line), series).toBe(value);
            counters++;
          }
    }
    expect(counters).toBeGreaterThan(80);
  });

  it('has no series for a mobile node: there are as many however many are attached', async () => {
    for (const client of [lmaHttp, magHttp]) {
      const { text } = await client.ask(`${client.origin}/metrics`);
      const { items } = await client.json<Page<LmaBindingRow>>('/bindings');
      const { nai, hoa, llid } = items[0] as LmaBindingRow;
      for (const own of [nai, llid, `${hoa}`]) expect(text).not.toContain(`"${own}`);
      expect(text.split('\n').length).toBeLessThan(1000);
    }
  });

  it('whatever a client sends, it is told what is wrong with it, and nothing breaks', async () => {
    const operations = operationsOf(await lmaHttp.json<OpenApiDocument>('/openapi.json'));
    for (const operation of operations) {
      // A stream has no end; its first lines say whether it was one.
      const until = operation.path.endsWith('/events') ? { until: '\n\n' } : {};
      for (const { path, ...request } of fc.sample(fuzzed(operation), { seed: 5213, numRuns: FUZZED })) {
        const asked = { ...request, ...until, token: 'does' };
        const { status, headers, text } = await lmaHttp.ask(lmaHttp.origin + path, asked);
        const what = `${request.method} ${path} ${request.body?.slice(0, 300)}: ${status} ${text.slice(0, 300)}`;
        expect(status, what).toBeLessThan(500);
        if (status >= 400) expect(headers['content-type'], what).toContain('application/problem+json');
        if (status >= 400) expect(text, what).not.toMatch(/node_modules|\.ts:|\n\s+at /);
      }
    }
    expect(await lmaHttp.json('/ready')).toMatchObject({ ready: true });
    expect(lma.output).not.toContain('error of the program');
  });

  it('answers who ends it, tells who follows, and comes back', async () => {
    const text = (await magHttp.ask('/configuration', { token: 'does', headers: { accept: 'text/plain' } })).text;
    const goodbye = magHttp.ask('/events', { until: 'event: closing\ndata: ' });
    await magHttp.ask('/events', { until: 'event: hello' });
    const without = { method: 'PUT', token: 'does', body: { text: text.replace('ip http server\n', '') } };
    expect(await magHttp.json('/configuration', without)).toEqual({ messages: [] });
    expect((await goodbye).text).toContain('the daemon ends, or is configured anew');
    await eventually(async () => mag.output.includes('"http-stopped"') || undefined);
    await expect(magHttp.ask('/health')).rejects.toThrow('ECONNREFUSED');
    await mag.request('configure-line', { path: [], line: 'ip http server' });
    await eventually(() => magHttp.json('/health').catch(() => undefined));
  });
});

/** Of the mobile node, to a place where it ends without a word. `octets` of data. */
function upFrame(source: Ipv4Address, octets: number): Uint8Array {
  const destination = Ipv4Address.parse('198.51.100.9') as Ipv4Address;
  const payload = encodeUdp({
    source,
    destination,
    sourcePort: 5000,
    destinationPort: 5000,
    payload: new Uint8Array(octets),
  });
  return encodeEthernet({
    destination: MacAddress.pmipv6Mag,
    source: MN,
    tags: [],
    etherType: EtherType.IPV4,
    payload: encodeIpv4({ source, destination, protocol: 17, ttl: 64, payload }),
  });
}

function difference<Name extends string>(
  after: Record<Name, Traffic>,
  before: Record<Name, Traffic>,
): Record<Name, Traffic> {
  const minus = (name: Name, way: 'up' | 'down') => ({
    packets: after[name][way].packets - before[name][way].packets,
    octets: after[name][way].octets - before[name][way].octets,
  });
  const names = Object.keys(after) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, { up: minus(name, 'up'), down: minus(name, 'down') }]),
  ) as Record<Name, Traffic>;
}
