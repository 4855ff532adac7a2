/** Packets that radclient makes of attributes as people write them, by the dictionaries that FreeRADIUS comes with. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { DICTIONARY_TEXT } from '#wire/radius/dictionary-text.ts';

export interface RadiusVector {
  /** The command of radclient. */
  readonly command: 'auth' | 'acct' | 'coa' | 'disconnect';
  /** As radclient reads them. */
  readonly attributes: readonly string[];
  /** The packet, in hexadecimal digits. */
  readonly octets: string;
}

export const VECTOR_SECRET = 'aaacisco';
/** Why no vectors can be made here; empty when they can. */
export const radclientObstacle = spawnSync('radclient', ['-v']).status === 0 ? '' : 'needs freeradius-utils';

/** How long radclient waits for an answer, which never comes. */
const PATIENCE_SECONDS = '0.3';

/** A value of each type of the dictionary. */
const VALUES: Readonly<Record<string, string>> = {
  string: '"text of people, ünï codé"',
  octets: '0x00ff17deadbeef',
  integer: '4022250974',
  integer64: '18364758544493064720',
  date: '1700000000',
  ifid: '0211:22ff:fe33:4455',
  ipaddr: '192.0.2.77',
  ipv6addr: '2001:db8:cafe:1024::101',
  ipv6prefix: '2001:db8:f00d:1::/64',
  ipv4prefix: '192.0.2.64/26',
};
/** Attributes that radclient makes by itself, or changes. */
const OWN = new Set(['User-Password', 'Message-Authenticator', 'EAP-Message', 'User-Name']);

/** Whole requests as an access network sends them, with every attribute of RFC 6572 in one of them. */
const REQUESTS: readonly Omit<RadiusVector, 'octets'>[] = [
  {
    command: 'auth',
    attributes: [
      'User-Name = "00-24-d7-8e-21-a4"',
      'User-Password = "cisco"',
      'Calling-Station-Id = "00-24-d7-8e-21-a4"',
      'NAS-IP-Address = 10.8.25.15',
      'NAS-Port-Type = Wireless-802.11',
      'Service-Type = Login-User',
      'MIP6-Feature-Vector = 3298534883328',
      'Message-Authenticator = 0x00',
    ],
  },
  {
    command: 'auth',
    attributes: [
      'User-Name = "pairs"',
      ...['mn-nai=mn0@example.com', 'mn-service=ipv4', 'home-lma=lma1'].map((pair) => `Cisco-AVPair = "${pair}"`),
    ],
  },
  {
    command: 'acct',
    attributes: [
      'User-Name = "mn0@example.com"',
      'Acct-Status-Type = Stop',
      'Acct-Session-Id = "s1"',
      'Acct-Input-Octets = 4294967295',
      'Acct-Input-Gigawords = 3',
      'Acct-Session-Time = 77',
      'Framed-IPv6-Prefix = 2001:db8:f00d:1::/64',
      'PMIP6-Home-HN-Prefix = 2001:db8:f00d:1::/64',
      'PMIP6-Home-IPv4-HoA = 192.0.2.1/32',
      'Proxy-State = 0x0102',
      'Proxy-State = 0x03',
    ],
  },
  {
    command: 'disconnect',
    attributes: ['User-Name = "mn1@example.com"', 'Framed-IP-Address = 192.0.2.1', 'Message-Authenticator = 0x00'],
  },
  { command: 'coa', attributes: ['User-Name = "mn2@example.com"', 'Session-Timeout = 60', 'Error-Cause = 503'] },
];

/** One attribute of our dictionary after the other, then whole requests. Rejects when radclient does not make them all. */
export async function makeVectors(): Promise<RadiusVector[]> {
  const singles = attributesOfDictionary().map(
    ({ name, dataType }): Omit<RadiusVector, 'octets'> => ({
      command: 'auth',
      attributes: [`User-Name = "${name}"`, `${name} = ${VALUES[dataType]}`],
    }),
  );
  const wanted = [...singles, ...REQUESTS];
  const vectors: RadiusVector[] = [];
  for (const command of ['auth', 'acct', 'coa', 'disconnect'] as const) {
    const requests = wanted.filter((each) => each.command === command);
    vectors.push(...(await sendAll(command, requests)));
  }
  return vectors;
}

function attributesOfDictionary(): { readonly name: string; readonly dataType: string }[] {
  return [...DICTIONARY_TEXT.matchAll(/^ATTRIBUTE (\S+) \d+ (\S+)$/gm)]
    .map(([, name, dataType]) => ({ name: name as string, dataType: dataType as string }))
    .filter(({ name }) => !OWN.has(name));
}

/** Has radclient send them to a port at which nobody answers; a packet is known by its User-Name. */
async function sendAll(
  command: RadiusVector['command'],
  requests: readonly Omit<RadiusVector, 'octets'>[],
): Promise<RadiusVector[]> {
  const sink = createSocket('udp4');
  const packets = new Map<string, string>();
  sink.on('message', (octets) => packets.set(userNameIn(octets), octets.toString('hex')));
  sink.bind(0, '127.0.0.1');
  await once(sink, 'listening');
  const server = `127.0.0.1:${sink.address().port}`;
  const words = ['-r', '1', '-t', PATIENCE_SECONDS, '-p', `${requests.length}`, server, command, VECTOR_SECRET];
  const radclient = spawn('radclient', words, { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaints = '';
  radclient.stderr.on('data', (text) => {
    complaints += text;
  });
  radclient.stdin.end(requests.map(({ attributes }) => `${attributes.join('\n')}\n\n`).join(''));
  await once(radclient, 'exit');
  sink.close();
  return requests.map((request) => {
    const [, name] = /^User-Name = "(.*)"$/.exec(request.attributes[0] as string) ?? [];
    const octets = packets.get(name as string);
    if (octets === undefined)
      throw new Error(`radclient made no packet of ${request.attributes.join(', ')}: ${complaints}`);
    return { ...request, octets };
  });
}

/** Without our decoder, which is what the vectors are to test. */
function userNameIn(octets: Uint8Array): string {
  for (let at = 20; at + 2 <= octets.length; at += octets[at + 1] as number) {
    if (octets[at] === 1) return new TextDecoder().decode(octets.subarray(at + 2, at + (octets[at + 1] as number)));
    if ((octets[at + 1] as number) < 2) break;
  }
  return '';
}
