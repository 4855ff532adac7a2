import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { concatBytes, fromHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import { runDecode } from '#cli/decode.ts';
import { encodeEthernet } from '#wire/ethernet.ts';
import { encodeIcmpv6 } from '#wire/icmpv6.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { encodeMobilityHeader, type MobilityMessage, setMobilityChecksum } from '#wire/mobility/index.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { encodeUdp } from '#wire/udp.ts';

const directory = mkdtempSync(join(tmpdir(), 'mooring-decode-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const gateway = Ipv6Address.parse('2001:db8::15') as Ipv6Address;
const anchor = Ipv6Address.parse('2001:db8::101') as Ipv6Address;
const START = 1_767_323_045_000;

const update: MobilityMessage = {
  kind: 'binding-update',
  sequence: 7,
  flags: 0x8200,
  lifetime: seconds(3600),
  options: [
    { kind: 'mobile-node-identifier', subtype: 1, identifier: new TextEncoder().encode('mn@example.net') },
    { kind: 'home-network-prefix', prefix: Ipv6Prefix.allZero, offLink: false },
    { kind: 'handoff-indicator', indicator: 1 },
  ],
};

function overIpv6(message: MobilityMessage): Uint8Array {
  const payload = encodeMobilityHeader(message);
  setMobilityChecksum(gateway, anchor, payload);
  return encodeIpv6({ nextHeader: 135, hopLimit: 64, source: gateway, destination: anchor, payload });
}

function inFrame(packet: Uint8Array): Uint8Array {
  const etherType = (packet[0] as number) >>> 4 === 6 ? 0x86dd : 0x0800;
  const source = MacAddress.pmipv6Mag;
  return encodeEthernet({ destination: MacAddress.broadcast, source, tags: [], etherType, payload: packet });
}

function capture(frames: readonly Uint8Array[], linkType: number = LinkType.ETHERNET): Uint8Array {
  const writer = new PcapWriter(linkType);
  return concatBytes(writer.header(), ...frames.map((bytes, i) => writer.record({ at: START + 250 * i, bytes })));
}

function capture1(packet: Uint8Array): Uint8Array {
  return capture([packet], LinkType.RAW);
}

let files = 0;
function saved(bytes: Uint8Array): string {
  const path = join(directory, `${files++}.pcap`);
  writeFileSync(path, bytes);
  return path;
}

function run(...args: string[]): { readonly status: number; readonly out: string; readonly error: string } {
  let out = '';
  let error = '';
  const status = runDecode(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { status, out, error };
}

describe('mooring decode', () => {
  it('prints a Proxy Binding Update as a tree with names, units and sections', () => {
    const { status, out } = run('--rfc', saved(capture([inFrame(overIpv6(update))])));
    expect(status).toBe(0);
    expect(out).toBe(`Packet 1, 2026-01-02T03:04:05.000Z, 118 octets
    Ethernet, 00:00:5e:00:52:13 → ff:ff:ff:ff:ff:ff, IPv6 (0x86dd)
    Internet Protocol Version 6, 2001:db8::15 → 2001:db8::101, hop limit 64, DSCP 0
    Mobility Header: Proxy Binding Update (5)  [RFC 6275 §6.1.7 "Binding Update Message"]
        Checksum: 0xb362 (correct)
        Sequence #: 7
        Flags: 0x8200 (A, P)
        Lifetime: 3600 s (900 units of 4 s)
        Mobility Option: Mobile Node Identifier (8)  [RFC 4283 §3 "Mobile Node Identifier Option"]
            Subtype: 1 (NAI)
            Identifier: "mn@example.net"
        Mobility Option: Home Network Prefix (22)  [RFC 5213 §8.3 "Home Network Prefix Option"]
            Prefix: ::/0
            Off-link (L): no
        Mobility Option: Handoff Indicator (23)  [RFC 5213 §8.4 "Handoff Indicator Option"]
            Handoff Indicator: 1 (NEW_INTERFACE)

`);
  });

  it('prints one line a packet, and leaves out what is no signalling', () => {
    const ping = encodeIpv6({
      nextHeader: 6,
      hopLimit: 64,
      source: gateway,
      destination: anchor,
      payload: new Uint8Array(20),
    });
    const frames = [inFrame(overIpv6(update)), inFrame(ping), encodeLayer2Update(MacAddress.pmipv6Mag)];
    const { out } = run('--summary', saved(capture(frames)));
    expect(out.split('\n')).toEqual([
      '1 0.000000 2001:db8::15 → 2001:db8::101  PBU seq 7 lifetime 3600 s flags AP MN "mn@example.net" HNP ::/0 HI 1',
      '3 0.500000 00:00:5e:00:52:13 → ff:ff:ff:ff:ff:ff  Layer-2 Update of 00:00:5e:00:52:13',
      '',
    ]);
    expect(run('--summary', '--all', saved(capture(frames))).out).toContain('2 0.250000 2001:db8::15');
  });

  it('[RFC 5844 §4] reads signalling over UDP port 5436, whose checksum field is not used', () => {
    const addresses = { source: Ipv4Address.parse('10.8.25.15'), destination: Ipv4Address.parse('10.8.24.101') } as {
      source: Ipv4Address;
      destination: Ipv4Address;
    };
    const ports = { sourcePort: 5436, destinationPort: 5436 };
    const payload = encodeUdp({ ...ports, ...addresses, payload: encodeMobilityHeader(update) });
    const packet = encodeIpv4({ protocol: 17, ttl: 64, ...addresses, payload });
    const { out } = run(saved(capture([packet], LinkType.RAW)));
    expect(out).toContain('Checksum: 0x0000 (not used over this transport)');
    expect(out).toContain('Proxy Binding Update (5)');
  });

  it('says what is malformed, where in message, packet and file, and goes on', () => {
    const bad = overIpv6(update);
    bad[40 + 12 + 1] = 200;
    const { status, out } = run('--summary', saved(capture([bad, overIpv6(update)], LinkType.RAW)));
    expect(status).toBe(0);
    const [first, second] = out.split('\n');
    expect(first).toContain(
      'Malformed Mobility Header: Option Length at offset 13 (octet 53 of the packet, 93 of the file): Mobile Node Identifier runs',
    );
    expect(first).toContain('[truncated]');
    expect(second).toContain('PBU seq 7');
  });

  it('prints what comes before the fault, then the fault with its field, offset and rule', () => {
    const bad = overIpv6(update);
    bad[40 + 12 + 17 + 5 + 2 + 1] = 17;
    const capture = saved(capture1(bad));
    const { out } = run(capture);
    expect(out).toContain('Mobility Header: Proxy Binding Update (5)');
    expect(out).toContain('Sequence #: 7');
    expect(out).toContain('Identifier: "mn@example.net"');
    expect(out).not.toContain('Handoff Indicator');
    expect(out).toMatch(
      /Malformed Mobility Header: Option Length at offset \d+ \(octet \d+ of the packet, \d+ of the file\): Home/,
    );
    expect(JSON.parse(run('--json', capture).out)).toMatchObject({
      layers: [{ protocol: 'ipv6' }, { message: { sequence: 7, options: [{ kind: 'mobile-node-identifier' }] } }],
      malformed: { protocol: 'mobility', code: 'bad-length', field: 'Option Length' },
    });
    expect(run('--ladder', capture).out).toContain('Mobile node "mn@example.net"');
  });

  it('tells a wrong checksum and still reads on', () => {
    const bad = overIpv6(update);
    bad[44] = (bad[44] as number) ^ 0xff;
    expect(run(saved(capture([bad], LinkType.RAW))).out).toMatch(/Checksum: 0x.{4} \(incorrect, should be 0xb362\)/);
  });

  it('prints JSON that a program can read', () => {
    const { out } = run('--json', saved(capture([overIpv6(update)], LinkType.RAW)));
    const packet = JSON.parse(out);
    expect(packet).toMatchObject({ number: 1, time: '2026-01-02T03:04:05.000Z', length: 104 });
    expect(packet.layers[1]).toMatchObject({
      protocol: 'mobility',
      name: 'Proxy Binding Update',
      checksumState: 'correct',
      message: {
        kind: 'binding-update',
        sequence: 7,
        lifetimeSeconds: 3600,
        options: [{ subtype: 1, identifier: '6d6e406578616d706c652e6e6574' }, { prefix: '::/0' }, { indicator: 1 }],
      },
    });
  });

  it('draws who sent what to whom, for each mobile node', () => {
    const answer: MobilityMessage = {
      kind: 'binding-acknowledgement',
      status: 0,
      flags: 0x20,
      sequence: 7,
      lifetime: seconds(3600),
      options: update.kind === 'binding-update' ? update.options : [],
    };
    const back = encodeIpv6({
      nextHeader: 135,
      hopLimit: 64,
      source: anchor,
      destination: gateway,
      payload: encodeMobilityHeader(answer),
    });
    const { out } = run('--ladder', saved(capture([overIpv6(update), back], LinkType.RAW)));
    expect(out).toBe(`Mobile node "mn@example.net"
            2001:db8::15              2001:db8::101
  0.000000  |------------------------>|  PBU seq 7 lifetime 3600 s flags AP MN "mn@example.net" HNP ::/0 HI 1
  0.250000  |<------------------------|  PBA seq 7 status ACCEPTED lifetime 3600 s flags P MN "mn@example.net" HNP ::/0 HI 1
`);
  });

  it('names messages and options of the registry that it keeps as octets', () => {
    const { out } = run(`3b030c0000000000020000000c0401020304${'0100'.repeat(7)}`);
    expect(out).toContain('Mobility Header: Home Agent Switch (12)');
    expect(run('3b01 0500 0000 0001 8200 0001 4102 0102').out).toContain('Mobility Option: Anchored Prefix (65)');
    expect(run('3b01 0500 0000 0001 8200 0001 fa02 0102').out).toContain('Mobility Option: Unknown (250)');
  });

  it('draws a ladder between long addresses, for nodes that RADIUS names, and for none where none is named', () => {
    const long = Ipv6Address.parse('2001:4f8:4:7:2e0:81ff:fe52:ffff') as Ipv6Address;
    const ends = { sourcePort: 1812, destinationPort: 1812, source: long, destination: gateway };
    const request = fromHex('01 05 001a 00112233445566778899aabbccddeeff 01 06 6d6e3031') as Uint8Array;
    const radius = encodeUdp({ ...ends, payload: request });
    const solicitation = encodeIcmpv6({ kind: 'router-solicitation', options: [] }, long, gateway);
    const packets = [
      encodeIpv6({ nextHeader: 17, hopLimit: 64, source: long, destination: gateway, payload: radius }),
      encodeIpv6({ nextHeader: 58, hopLimit: 255, source: long, destination: gateway, payload: solicitation }),
    ];
    const { out } = run('--ladder', saved(capture(packets, LinkType.RAW)));
    expect(out).toBe(`Mobile node "mn01"
            2001:4f8:4:7:2e0:81ff:fe52:ffff 2001:db8::15
  0.000000  |------------------------------>|  RADIUS Access-Request id 5 User-Name "mn01"

no mobile node named
            2001:4f8:4:7:2e0:81ff:fe52:ffff 2001:db8::15
  0.250000  |------------------------------>|  Router Solicitation
`);
  });

  it('names no mobile node for what goes to all of them', () => {
    const advertisement = encodeIcmpv6(
      {
        kind: 'router-advertisement',
        hopLimit: 64,
        managed: false,
        otherConfig: false,
        routerLifetime: seconds(1800),
        reachableTime: seconds(0),
        retransTimer: seconds(0),
        options: [],
      },
      gateway,
      Ipv6Address.allNodes,
    );
    const packet = encodeIpv6({
      nextHeader: 58,
      hopLimit: 255,
      source: gateway,
      destination: Ipv6Address.allNodes,
      payload: advertisement,
    });
    expect(run('--ladder', saved(capture([inFrame(packet)]))).out).toMatch(/^no mobile node named\n/);
  });

  it('takes octets instead of a file', () => {
    const { status, out } = run('3b01', '0d00', '0000', '0001', '0000', '0007', '0102', '0000');
    expect(status).toBe(0);
    expect(out).toContain('Mobility Header: Heartbeat (13)');
    expect(out).toContain('Response (R): yes');
  });

  it('prints no control characters of a peer', () => {
    const evil: MobilityMessage = {
      ...update,
      options: [{ kind: 'service-selection', identifier: 'a\u001b[2Jb\u202ec' }],
    };
    const { out } = run(saved(capture([overIpv6(evil)], LinkType.RAW)));
    expect(out).toContain('"a\\x1b[2Jb\\u202ec"');
  });
});

describe('mooring decode of what it cannot read', () => {
  const oneLine = /^mooring: [^\n]+\n$/;

  it.each([
    ['a directory', () => directory, 'is a directory, not a capture file (offset 0)'],
    ['an empty file', () => saved(new Uint8Array(0)), 'offset 0: capture file: is empty'],
    [
      'text',
      () => saved(new TextEncoder().encode('hostname lma\n')),
      'offset 0: magic number: this is neither a pcap nor',
    ],
    ['no file', () => join(directory, 'missing.pcap'), 'no such file'],
  ])('says on one line that it is %s, with status 1', (_what, name, text) => {
    const path = name();
    const { status, out, error } = run(path);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(error).toMatch(oneLine);
    expect(error).toContain(path);
    expect(error).toContain(text);
  });

  it('prints the packets before a cut and then the offset of the cut, with status 1', () => {
    const whole = capture([overIpv6(update), overIpv6(update)], LinkType.RAW);
    const { status, out, error } = run('--summary', saved(whole.slice(0, whole.length - 10)));
    expect(status).toBe(1);
    expect(out.split('\n')).toHaveLength(2);
    expect(error).toMatch(oneLine);
    expect(error).toContain('offset 160: packet 2: 94 of 104 octets');
  });

  it('says that a capture has no signalling', () => {
    expect(run(saved(capture([])))).toMatchObject({
      status: 0,
      out: '',
      error: expect.stringContaining('no signalling'),
    });
  });

  it('explains itself, and an unknown option', () => {
    expect(run('--help')).toMatchObject({ status: 0, out: expect.stringContaining('Usage: mooring decode') });
    expect(run('--tree', 'x')).toMatchObject({ status: 2, error: expect.stringContaining('--tree') });
    expect(run()).toMatchObject({ status: 2 });
  });

  it.each([
    [
      'RADIUS',
      1812,
      '01 05 0020 00112233445566778899aabbccddeeff 01 0c 6d6e406d6167312e6578',
      'RADIUS Access-Request id 5',
    ],
    ['RADIUS on the port of dynamic authorization', 3799, '2b 05 0014 00112233445566778899aabbccddeeff', 'CoA-Request'],
    ['DHCPv6', 547, '0b abcdef 0008 0002 0000', 'DHCPv6 INFORMATION-REQUEST xid 0xabcdef'],
  ])('reads %s', (_what, port, hex, text) => {
    const payload = encodeUdp({
      sourcePort: 40_000,
      destinationPort: port,
      source: gateway,
      destination: anchor,
      payload: fromHex(hex) as Uint8Array,
    });
    const packet = encodeIpv6({ nextHeader: 17, hopLimit: 64, source: gateway, destination: anchor, payload });
    expect(run('--summary', saved(capture1(packet))).out).toContain(text);
    const tunnelled = encodeIpv6({
      nextHeader: 41,
      hopLimit: 64,
      source: gateway,
      destination: anchor,
      payload: packet,
    });
    expect(run('--summary', saved(capture1(tunnelled))).out, 'in a tunnel').toContain(text);
  });

  it('names RADIUS attributes and their values', () => {
    const hex = `01 05 0038 00112233445566778899aabbccddeeff 06 06 00000011
      93 12 20010db8000000000000000000000101  1a 0c 00000009 01 06 6d6e3d31`;
    const payload = encodeUdp({
      sourcePort: 1812,
      destinationPort: 1812,
      source: gateway,
      destination: anchor,
      payload: fromHex(hex) as Uint8Array,
    });
    const packet = encodeIpv6({ nextHeader: 17, hopLimit: 64, source: gateway, destination: anchor, payload });
    const { out } = run(saved(capture1(packet)));
    expect(out).toContain('Attribute: Service-Type: 17 (Authorize-Only)');
    expect(out).toContain('Attribute: PMIP6-Home-LMA-IPv6-Address: 2001:db8::101');
    expect(out).toContain('Attribute: Cisco-AVPair: "mn=1"');
  });

  it('follows tunnels no deeper than it has to', () => {
    let packet = encodeIpv6({
      nextHeader: 59,
      hopLimit: 1,
      source: gateway,
      destination: anchor,
      payload: new Uint8Array(0),
    });
    for (let i = 0; i < 100; i++) {
      packet = encodeIpv6({ nextHeader: 41, hopLimit: 1, source: gateway, destination: anchor, payload: packet });
    }
    expect(run('--summary', '--all', saved(capture1(packet))).out).toContain('more tunnels in tunnels');
  });

  it('takes thousands of octets for octets, not for the name of a file', () => {
    expect(run('--all', `3b ff 63 00 ${'00'.repeat(2044)}`.replaceAll(' ', '')).out).toContain('Unknown Message (99)');
  });

  it('notes a link type that it does not read', () => {
    expect(run('--all', saved(capture([fromHex('00') as Uint8Array], 147))).out).toContain('link type 147 is not read');
  });
});
