/**
 * One end of a TCP stream, run as a process inside a namespace.
 *
 *   dataplane-stream.ts serve PORT                        sends to everyone who connects; prints a line once it listens
 *   dataplane-stream.ts drain LOCAL REMOTE PORT SECONDS   reads from REMOTE and throws away; prints how many bits came per second
 */
import { connect, createServer, type Socket } from 'node:net';

const CHUNK = Buffer.alloc(1 << 20);
/** Slow start is not measured. */
const WARM_UP_MS = 200;

const [mode, ...args] = process.argv.slice(2);
if (mode === 'serve') serve(Number(args[0]));
else drain(args[0] as string, args[1] as string, Number(args[2]), Number(args[3]) * 1000);

function serve(port: number): void {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    pump(socket);
  });
  server.listen(port, '::', () => process.stdout.write('listening\n'));
  // The parent's end takes this process with it.
  process.stdin.on('end', () => process.exit(0)).resume();
}

function pump(socket: Socket): void {
  socket.write(CHUNK, (error) => {
    if (!error) pump(socket);
  });
}

function drain(localAddress: string, host: string, port: number, milliseconds: number): void {
  let octets = 0;
  const onread = {
    buffer: Buffer.alloc(1 << 20),
    callback: (count: number) => {
      octets += count;
      return true;
    },
  };
  const socket = connect({ host, port, localAddress, onread });
  socket.on('error', (error) => {
    process.stderr.write(`${host}: ${error.message}\n`);
    process.exit(1);
  });
  socket.on('connect', () => {
    setTimeout(() => {
      octets = 0;
      const start = performance.now();
      setTimeout(() => {
        const bitsPerSecond = (octets * 8000) / (performance.now() - start);
        process.stdout.write(`${Math.round(bitsPerSecond)}\n`);
        process.exit(0);
      }, milliseconds);
    }, WARM_UP_MS);
  });
}
