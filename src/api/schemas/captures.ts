import { type Static, Type } from 'typebox';
import { LENGTHS, MEGABYTES_MAXIMUM, RATE_MAXIMUM } from '#daemon/capture/requests.ts';
import { closed, count, macText, nameText, nullable } from './members.ts';

const byName = closed({ nai: nameText('Name of the mobile node') });
const byAddress = closed({ mac: macText('Link-layer address of the mobile node') });
const mobileNode = Type.Union([byName, byAddress], {
  description: 'The mobile node whose data is captured beside the signalling',
});
const megabytes = Type.Integer({
  minimum: 1,
  maximum: MEGABYTES_MAXIMUM,
  description: 'How much is kept; data makes room for signalling',
});
const circular = Type.Boolean({ description: 'The oldest makes room; otherwise the first stays' });
const packetsPerSecond = Type.Integer({
  minimum: 1,
  maximum: RATE_MAXIMUM,
  description: 'Packets of data a second at most',
});
const packetLength = Type.Integer({
  minimum: LENGTHS[0],
  maximum: LENGTHS[1],
  description: 'Octets of each packet at most',
});

export const captureName = closed({
  name: Type.String({ minLength: 1, maxLength: 64, description: 'Name of the capture, percent-encoded' }),
});

export const captureBody = closed({
  megabytes: Type.Optional(megabytes),
  circular: Type.Optional(circular),
  mobileNode: Type.Optional(mobileNode),
  packetsPerSecond: Type.Optional(packetsPerSecond),
  packetLength: Type.Optional(packetLength),
});
export type CaptureBody = Static<typeof captureBody>;

export const capture = closed({
  name: Type.String(),
  active: Type.Boolean({ description: 'It runs' }),
  circular,
  megabytes: Type.Number({ description: 'How much is kept' }),
  octets: count('Octets that it takes'),
  messages: count('Signalling messages that are kept'),
  mobileNode: nullable(mobileNode),
  packets: count('Packets of data that are kept'),
  packetsPerSecond,
  packetLength,
  lost: count('Messages and packets that were not kept, or had to make room'),
});

export const captures = closed({ items: Type.Array(capture) });
