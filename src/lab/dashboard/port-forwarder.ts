import { createServer, type Server, Socket } from 'node:net';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import {
  AF_INET,
  check,
  close,
  connect,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOCKADDR_IN_LENGTH,
  sockaddrIn,
  socket,
} from '#host/posix.ts';
import { LabError } from '../lab-error.ts';

const LOOPBACK = '127.0.0.1';
const loopbackAddress = Ipv4Address.parse(LOOPBACK) as Ipv4Address;

/** Serves a TCP port of a namespace's loopback address at that of this machine. */
export class PortForwarder {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Resolves when it listens. Rejects with `LabError` when the port is taken. */
  static async listen(namespacePath: string, port: number): Promise<PortForwarder> {
    const forwarder = new PortForwarder(namespacePath, port);
    await new Promise<void>((resolve, reject) => {
      forwarder.#server.once('error', ({ message: complaint }) =>
        reject(new LabError('port-taken', `cannot listen at ${LOOPBACK}:${port} (${complaint}); choose with --port`)),
      );
      forwarder.#server.listen(port, LOOPBACK, resolve);
    });
    return forwarder;
  }

  private constructor(namespacePath: string, port: number) {
    this.#server = createServer((outside) => {
      const inside = connectInside(namespacePath, port);
      if (!inside) {
        outside.destroy();
        return;
      }
      this.#join(outside, inside);
      this.#join(inside, outside);
    });
  }

  close(): void {
    this.#server.close();
    for (const one of this.#sockets) one.destroy();
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
}

/** To a loopback address, so it connects or fails at once; `undefined` when nobody listens. */
function connectInside(namespacePath: string, port: number): Socket | undefined {
  return inNetworkNamespace(namespacePath, () => {
    const fd = check('socket', socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(fd, sockaddrIn(loopbackAddress, port), SOCKADDR_IN_LENGTH) === 0) return new Socket({ fd });
    close(fd);
    return undefined;
  });
}
