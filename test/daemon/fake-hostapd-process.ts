import { parentPort, workerData } from 'node:worker_threads';
import * as posix from '#host/posix.ts';

const LOOK_EVERY_MS = 5;
const ADDRESS = 110;

const port = parentPort as NonNullable<typeof parentPort>;
const name = posix.sockaddrUn(workerData as string);
const fd = posix.check('socket', posix.socket(posix.AF_UNIX, posix.SOCK_DGRAM | posix.SOCK_NONBLOCK, 0));
posix.check('bind', posix.bind(fd, name, name.length));
const monitors: Buffer[] = [];
const datagram = posix.alloc(4096).buffer;

port.on('message', (events: string[]) => {
  for (const event of events) for (const monitor of monitors) send(`<3>${event}`, monitor);
});
setInterval(receive, LOOK_EVERY_MS);
port.postMessage('listening');

function receive(): void {
  const address = posix.alloc(ADDRESS).buffer;
  const addressLength = posix.alloc(4).buffer;
  addressLength.writeUInt32LE(ADDRESS);
  const length = posix.recvfrom(fd, datagram, datagram.length, posix.MSG_DONTWAIT, address, addressLength);
  if (length < 0) return;
  const from = address.subarray(0, addressLength.readUInt32LE());
  const command = datagram.toString('latin1', 0, length);
  if (command === 'ATTACH') monitors.push(from);
  send(ANSWERS[command] ?? '', from);
}

function send(text: string, to: Buffer): void {
  const octets = Buffer.from(text);
  posix.sendto(fd, octets, octets.length, 0, to, to.length);
}

const ANSWERS: Record<string, string> = { ATTACH: 'OK\n', PING: 'PONG\n' };
