/** The RADIUS server of the lab with dashboards: it knows every mobile node, gives them all one profile, and takes what is accounted. */
import { createSocket } from 'node:dgram';
import { ciscoPair } from '#proto/aaa/attributes.ts';
import {
  decodeRadius,
  RADIUS_ACCOUNTING_PORT,
  RADIUS_AUTHENTICATION_PORT,
  RadiusCode,
  type RadiusPacket,
} from '#wire/radius.ts';
import { acceptance, accountingResponse } from '../radius-answers.ts';
import { radiusServer } from '../topology.ts';

const PROFILE = [
  ciscoPair('mn-service', 'dual'),
  ciscoPair('home-lma', 'lma1'),
  ciscoPair('mn-apn', 'example_A.com'),
  ciscoPair('cisco-mpc-protocol-interface', 'pmipv6'),
];

function answerTo(request: RadiusPacket): Uint8Array | undefined {
  if (request.code === RadiusCode.ACCESS_REQUEST) return acceptance(request, radiusServer.secret, PROFILE);
  return request.code === RadiusCode.ACCOUNTING_REQUEST ? accountingResponse(request, radiusServer.secret) : undefined;
}

for (const port of [RADIUS_AUTHENTICATION_PORT, RADIUS_ACCOUNTING_PORT]) {
  const socket = createSocket('udp4');
  socket.on('message', (octets, from) => {
    const request = decodeRadius(octets);
    const answer = request.ok ? answerTo(request.value) : undefined;
    if (answer) socket.send(answer, from.port, from.address);
  });
  socket.bind(port, radiusServer.address);
}
