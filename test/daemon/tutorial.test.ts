/** docs/tutorial.md, command by command, with a wire in the place of the radio. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRequest } from '#cli/control-client.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { eventually, obstacle, root } from './network.ts';

const nightly = process.env.MOORING_NIGHTLY !== undefined;
const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8');
const INTERNET = '9.9.9.9';
const PHONE = '02:73:00:00:00:01';
const spaces = ['alpha', 'beta', 'gateway', 'phone', 'internet'] as const;
type Space = (typeof spaces)[number];

/** The blocks of a step of the page, those of configurations by their `hostname`. */
function blocksOf(title: string): string[] {
  const [, step = ''] = page.split(new RegExp(`^## \\d+\\. ${title}$`, 'm'));
  return [...(step.split(/^## /m)[0]?.matchAll(/^```\w*\n([\s\S]*?)^```/gm) ?? [])].map(([, text = '']) => text);
}
const configurations = new Map(
  blocksOf('The configurations').map((text) => [/^hostname (\S+)/.exec(text)?.[1] ?? '', text]),
);

describe.skipIf(obstacle !== '' || !nightly)(`the tutorial (${obstacle || 'nightly'})`, () => {
  const prefix = `mtt${process.pid}`;
  const directory = join(tmpdir(), `mooring-tutorial-${process.pid}`);
  const daemons: ChildProcess[] = [];
  const name = (space: Space) => `${prefix}-${space}`;
  const within = (space: Space, line: string) =>
    execFileSync('nsenter', [`--net=/run/netns/${name(space)}`, 'sh', '-c', line], { encoding: 'utf8', stdio: 'pipe' });
  /** The commands of a block; what has a stand-in or is not installed is left out. */
  const follow = (space: Space, block: string | undefined) => {
    for (const line of (block ?? '').split('\n').filter((one) => one !== '' && !/^(iw|nft) /.test(one)))
      within(space, line.replace(/\bgateway\b/g, name('gateway')));
  };
  const anchor = join(directory, 'anchor.sock');
  const bindings = async () =>
    (await controlRequest(anchor, { request: 'show', query: 'lma-binding' })) as LmaBindingRow[];

  beforeAll(async () => {
    mkdirSync(directory);
    for (const space of spaces.filter((one) => one !== 'gateway')) {
      execFileSync('ip', ['netns', 'add', name(space)]);
      within(space, 'ip link set lo up');
    }
    within('alpha', `ip link add eth1 type veth peer name eth0 netns ${name('beta')}`);
    within('alpha', `ip link add eth0 type veth peer name eth0 netns ${name('internet')}`);
    within('alpha', 'ip address add 192.168.1.2/24 dev eth0; ip link set eth0 up');
    within(
      'internet',
      `ip address add 192.168.1.1/24 dev eth0; ip link set eth0 up; ip address add ${INTERNET}/32 dev lo`,
    );
    within('alpha', 'ip route replace default via 192.168.1.1');
    const [alpha, beta, nat] = blocksOf('The transport network');
    follow('alpha', alpha);
    follow('beta', beta?.replace(/^ping .*$/m, ''));
    follow('alpha', nat);
    // Without nftables the Internet knows the way.
    if (spawnSync('nft', ['--version']).status !== 0) within('internet', 'ip route add 10.73.0.0/24 via 192.168.1.2');
    else for (const line of (nat ?? '').split('\n').filter((one) => one.startsWith('nft '))) within('alpha', line);
    const [atAlpha, atBeta] = blocksOf('The access links');
    follow('alpha', atAlpha);
    follow('beta', atBeta);
    for (const [space, link] of [
      ['gateway', 'near1'],
      ['beta', 'near2'],
    ] as const) {
      within(space, `ip link add wlan0 type veth peer name ${link} netns ${name('phone')}`);
      within(space, 'ip link set wlan0 master br0 up');
      within('phone', `ip link set ${link} address ${PHONE}`);
    }
    const gateway1 = configurations.get('gateway1') ?? '';
    writeFileSync(join(directory, 'anchor.cfg'), configurations.get('anchor') ?? '');
    writeFileSync(join(directory, 'gateway1.cfg'), gateway1);
    const sed = blocksOf('The configurations').find((block) => block.startsWith('sed ')) ?? '';
    execFileSync('sh', ['-c', sed], { cwd: directory });
    for (const [space, node] of [
      ['alpha', 'anchor'],
      ['gateway', 'gateway1'],
      ['beta', 'gateway2'],
    ] as const) {
      const command = [
        join(root, 'bin/mooring'),
        'run',
        join(directory, `${node}.cfg`),
        '--control',
        join(directory, `${node}.sock`),
      ];
      const words = ['netns', 'exec', name(space), process.execPath, ...command, '--state', 'memory'];
      daemons.push(spawn('ip', words, { stdio: 'ignore' }));
    }
    for (const node of ['anchor', 'gateway1', 'gateway2'])
      await eventually(
        () => controlRequest(join(directory, `${node}.sock`), { request: 'ping' }).catch(() => undefined),
        60_000,
      );
  }, 120_000);

  afterAll(async () => {
    for (const daemon of daemons) daemon.kill('SIGKILL');
    for (const space of spaces) spawnSync('ip', ['netns', 'delete', name(space)]);
    rmSync(directory, { recursive: true });
  });

  it('gives the phone an address with which it reaches the Internet, and which it keeps at the other gateway', async () => {
    const script = join(directory, 'dhcp.sh');
    writeFileSync(
      script,
      '#!/bin/sh\n[ "$1" = bound ] && ip address add $ip/24 dev $interface && ip route add default via $router\n',
      { mode: 0o755 },
    );
    within('phone', 'ip link set near1 up');
    within('phone', `busybox udhcpc -i near1 -n -q -s ${script}`);
    within('phone', `ping -c 1 -W 5 ${INTERNET}`);
    const [first] = await bindings();
    expect(first).toMatchObject({ state: 'active', peer: 'gateway1', hoa: '10.73.0.1' });
    within('phone', 'ip link set near1 down; ip address flush dev near1; ip link set near2 up');
    within('phone', 'ip address add 10.73.0.1/24 dev near2; ip route add default via 10.73.0.254');
    within('phone', `ping -c 3 -W 5 ${INTERNET}`);
    expect(await bindings()).toMatchObject([{ state: 'active', peer: 'gateway2', hoa: '10.73.0.1' }]);
  }, 60_000);
});
