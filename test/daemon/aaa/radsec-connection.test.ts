import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RadsecConnection } from '#daemon/aaa/radsec-connection.ts';
import { RADSEC_SECRET } from '#proto/radius/radsec.ts';
import { setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import { decodeRadius, encodeRadius, RadiusCode } from '#wire/radius.ts';
import { decodedValue } from '../../wire/vector.ts';
import { eventually } from '../network.ts';
import { makeCertificates, opensslObstacle } from './certificates.ts';

const NAME = 'radius.example.com';
const TIMERS = { connectMs: 5000, retryFirstMs: 20, retryLastMs: 80, watchMs: 50 };
const REQUEST = encodeRadius({ code: 1, identifier: 3, authenticator: new Uint8Array(16), attributes: [] });

describe.skipIf(opensslObstacle !== '')(
  `a connection to a RADIUS server over TLS (${opensslObstacle || 'openssl'})`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'mooring-radsec-'));
    const file = (name: string) => join(directory, name);
    let server: Server | undefined;
    let connection: RadsecConnection | undefined;
    let events: string[] = [];
    let packets: Uint8Array[] = [];

    beforeAll(() => makeCertificates(directory, [NAME, 'client.example.com']));
    afterEach(() => {
      connection?.close();
      server?.close();
      events = [];
      packets = [];
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    /** `serve` gets each connection, and what comes over it. */
    async function open(serve: (socket: TLSSocket, octets: Uint8Array, number: number) => void): Promise<void> {
      const read = (name: string) => readFileSync(file(name));
      const certificates = { cert: read(`${NAME}.pem`), key: read(`${NAME}.key`), ca: read('ca.pem') };
      let connections = 0;
      server = createServer({ ...certificates, requestCert: true, rejectUnauthorized: true }, (socket) => {
        const number = ++connections;
        socket.on('error', () => {});
        socket.on('data', (octets) => serve(socket, octets, number));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      connection = new RadsecConnection({
        address: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        settings: {
          trusted: file('ca.pem'),
          certificate: file('client.example.com.pem'),
          key: file('client.example.com.key'),
          identity: NAME,
        },
        timers: TIMERS,
        packet: (octets) => packets.push(octets),
        up: () => events.push('up'),
        down: (reason) => events.push(reason),
      });
    }

    function accepts(octets: Uint8Array): Uint8Array {
      const request = decodedValue(decodeRadius(octets));
      const answer = encodeRadius({ ...request, code: RadiusCode.ACCESS_ACCEPT, attributes: [] });
      setRadiusAuthenticator(answer, RADSEC_SECRET, request.authenticator);
      return answer;
    }

    it('sends what was to be sent before it was there, and gives what comes back', async () => {
      await open((socket, octets) => {
        if (Buffer.from(octets).includes(Buffer.from(REQUEST))) socket.write(accepts(REQUEST));
      });
      connection?.send(REQUEST);
      await eventually(async () => packets.length === 1);
      expect(packets).toEqual([accepts(REQUEST)].map((octets) => new Uint8Array(octets)));
      expect(events).toEqual(['up']);
    });

    it('[RFC 6614 §2.3(1)] is left when what comes is not RADIUS, and made again', async () => {
      await open((socket, _, number) =>
        socket.write(number === 1 ? 'HTTP/1.1 400 Bad Request\r\n\r\n' : accepts(REQUEST)),
      );
      await eventually(async () => packets.length > 0);
      expect(events).toEqual(['up', 'the server sends what is not RADIUS', 'up']);
    });

    it('is left when a server that answered a Status-Server does so no more, and not when it never did', async () => {
      let answers = 2;
      await open((socket, octets, number) => {
        if (number === 1 && answers-- > 0) socket.write(accepts(octets));
      });
      await eventually(async () => events.length >= 3);
      expect(events).toEqual(['up', 'the server does not answer', 'up']);
      await new Promise((resolve) => setTimeout(resolve, 4 * TIMERS.watchMs));
      expect(events).toHaveLength(3);
      expect(packets).toEqual([]);
    });

    it('[RFC 6614 §2.5] answers a Disconnect-Request that comes over it with a NAK', async () => {
      const request = { code: RadiusCode.DISCONNECT_REQUEST, identifier: 9, authenticator: new Uint8Array(16) };
      const seen: number[] = [];
      await open((socket, octets) => {
        seen.push(octets[0] as number);
        if (seen.length === 1) socket.write(encodeRadius({ ...request, attributes: [] }));
      });
      await eventually(async () => seen.includes(RadiusCode.DISCONNECT_NAK));
      expect(packets).toEqual([]);
    });
  },
);
