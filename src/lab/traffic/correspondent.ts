import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { runWithoutDelay } from '#host/scheduling.ts';
import { families, ports, type TrafficRequest, type TrafficResult, tickMilliseconds } from './protocol.ts';
import { serve } from './request-channel.ts';
import { TcpStream } from './tcp-stream.ts';
import { UdpStream } from './udp-stream.ts';

// The correspondent node's process: echoes probes, and is the other end of the TCP and UDP streams.

const tcp: TcpStream[] = [];
const udp: UdpStream[] = [];

serve(async (request: TrafficRequest) => {
  if (request.kind === 'start') return start();
  if (request.kind === 'stop') return stop();
  throw new Error(`the correspondent node does not know "${request.kind}"`);
});

async function start(): Promise<void> {
  runWithoutDelay(); // the figures are to show the handover, not how busy this machine is
  for (const family of families) {
    const echo = createSocket({ type: family === 'ipv4' ? 'udp4' : 'udp6', ipv6Only: family === 'ipv6' });
    echo.on('message', (message, from) => echo.send(message, from.port, from.address, () => {}));
    await new Promise<void>((resolve) => echo.bind(ports.probe, resolve));
    udp.push(await UdpStream.open(family, ports.udp));
    const server = createServer({ allowHalfOpen: true }, (socket) => tcp.push(new TcpStream(socket, family)));
    const host = family === 'ipv4' ? '0.0.0.0' : '::';
    await new Promise<void>((resolve) => server.listen({ port: ports.tcp, host, ipv6Only: true }, resolve));
  }
  setInterval(() => {
    for (const stream of [...tcp, ...udp]) stream.tick();
  }, tickMilliseconds);
}

async function stop(): Promise<TrafficResult> {
  await Promise.all(tcp.map((stream) => stream.finish(3000)));
  return result();
}

function result(): TrafficResult {
  return { tcp: tcp.map((stream) => stream.result()), udp: udp.map((stream) => stream.result()) };
}
