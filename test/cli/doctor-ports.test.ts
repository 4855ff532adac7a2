import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { servicePorts } from '#cli/doctor/service-ports.ts';
import { socketsOf } from '#cli/doctor/sockets.ts';
import { parseConfiguration } from '#config/index.ts';
import { assemble } from '#daemon/assemble.ts';

const NOBODY = new Set<string>();

function found(text: string, own: ReadonlySet<string> = NOBODY) {
  const { configuration, diagnostics } = parseConfiguration(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const node = { configuration, assembly: assemble(configuration, 'node') };
  return servicePorts({ node, controlPath: '/nowhere', daemon: undefined }, own);
}

async function listening(host: string): Promise<{ port: number; end: () => void }> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, end: () => void server.close() };
}

describe('mooring doctor looks for who has the ports', () => {
  it('of the HTTP API, at the addresses where it is to be served', async () => {
    const { port, end } = await listening('127.0.0.1');
    const text = `ip http server\nip http port ${port}\n`;
    expect(found(text)).toEqual([
      {
        severity: 'warning',
        text: `something else has TCP port ${port} of 127.0.0.1, that of the HTTP API: neither it nor the dashboard is served there`,
        advice: 'see who it is with "ss -ltnp", and end it, or choose another port with "ip http port"',
      },
    ]);
    expect(found(`ip http port ${port}\n`)).toEqual([]);
    expect(found(text, socketsOf(process.pid))).toEqual([]);
    end();
    const elsewhere = await listening('127.0.0.9');
    expect(found(`ip http server\nip http port ${elsewhere.port}\n`)).toEqual([]);
    elsewhere.end();
    const everywhere = await listening('::');
    expect(found(`ip http server\nip http port ${everywhere.port}\n`)).toHaveLength(2);
    everywhere.end();
  });

  it('of SSH, where operators may come by it', async () => {
    const { port, end } = await listening('0.0.0.0');
    const text = `username op privilege 15 secret op\nline vty 0 4\n transport input ssh\n login local\nip ssh port ${port}\n`;
    const without = found(text.replace(/^line[\s\S]*local\n/m, ''));
    expect(found(text)).toEqual([
      expect.objectContaining({ text: expect.stringContaining(`TCP port ${port}, that of SSH: operators cannot`) }),
    ]);
    expect(without).toEqual([]);
    end();
  });

  it('of dynamic authorization and of the RADIUS proxy', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const dynamic = `aaa new-model\naaa server radius dynamic-author\n client 198.51.100.2 server-key key\n port ${port}\n`;
    expect(found(dynamic)).toEqual([
      expect.objectContaining({
        severity: 'error',
        text: `something else has UDP port ${port}, that of dynamic authorization: RADIUS servers can neither end nor change sessions`,
      }),
    ]);
    const sessionManager = readFileSync(new URL('../../examples/mag1.cfg', import.meta.url), 'utf8').replace(
      /^ipv6 mobile pmipv6-mag .*$/m,
      '$&\n  sessionmgr',
    );
    const proxy = `${sessionManager.replace(/^end$/m, '')}aaa new-model\naaa server radius proxy\n client 198.51.100.2\n  key key\n accounting port ${port}\n`;
    expect(found(proxy)).toEqual([
      expect.objectContaining({ text: expect.stringContaining(`UDP port ${port}, that of the RADIUS proxy`) }),
    ]);
    socket.close();
  });
});
