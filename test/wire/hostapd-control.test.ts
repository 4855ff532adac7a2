import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import { milliseconds } from '#base/time.ts';
import { decodeHostapdMessage, decodeHostapdStation } from '#wire/hostapd-control.ts';

const station = MacAddress.parse('02:00:00:00:00:07') as MacAddress;

function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decoded(text: string) {
  const result = decodeHostapdMessage(octets(text));
  return result.ok ? result.value : result.error.code;
}

describe('a message of hostapd', () => {
  it.each([
    ['<3>AP-STA-CONNECTED 02:00:00:00:00:07', { kind: 'station-connected', mac: station }],
    ['<3>AP-STA-CONNECTED 02:00:00:00:00:07 keyid=guest', { kind: 'station-connected', mac: station }],
    ['IFNAME=wlan0 <3>AP-STA-CONNECTED 02:00:00:00:00:07', { kind: 'station-connected', mac: station }],
    ['<3>AP-STA-DISCONNECTED 02:00:00:00:00:07', { kind: 'station-disconnected', mac: station }],
    ['<3>AP-STA-POLL-OK 02:00:00:00:00:07', { kind: 'station-answered', mac: station }],
    ['<3>AP-DISABLED ', { kind: 'access-point-changed', name: 'AP-DISABLED' }],
    ['<3>AP-ENABLED ', { kind: 'access-point-changed', name: 'AP-ENABLED' }],
    ['<3>CTRL-EVENT-TERMINATING ', { kind: 'terminating' }],
    ['<3>CTRL-EVENT-EAP-SUCCESS 02:00:00:00:00:07', { kind: 'other', name: 'CTRL-EVENT-EAP-SUCCESS' }],
    ['<2>toString', { kind: 'other', name: 'toString' }],
  ])('%s', (text, event) => {
    expect(decoded(text)).toEqual({ kind: 'event', event });
  });

  it.each([
    ['OK\n', 'OK'],
    ['PONG\n', 'PONG'],
    ['', ''],
    ['FAIL\n', 'FAIL'],
    ['<x>AP-STA-CONNECTED 02:00:00:00:00:07', '<x>AP-STA-CONNECTED 02:00:00:00:00:07'],
  ])('that is no event is a reply: %j', (text, reply) => {
    expect(decoded(text)).toEqual({ kind: 'reply', text: reply });
  });

  it.each([
    '<3>AP-STA-CONNECTED',
    '<3>AP-STA-CONNECTED 02:00:00:00:00',
    '<3>AP-STA-CONNECTED 0200.0000.0007',
    '<3>AP-STA-CONNECTED 01:00:00:00:00:07',
    '<3>AP-STA-DISCONNECTED 00:00:00:00:00:00',
    '<3>AP-STA-POLL-OK ff:ff:ff:ff:ff:ff',
    '<3>',
  ])('that names no station is malformed: %s', (text) => {
    expect(decoded(text)).toBe('bad-value');
  });

  it('longer than hostapd makes any is refused', () => {
    expect(decoded('x'.repeat(4096))).toMatchObject({ kind: 'reply' });
    expect(decoded('x'.repeat(4097))).toBe('too-long');
  });

  it('of any octets throws nothing', () => {
    const random = new SeededRandom(3);
    const line = octets('IFNAME=wlan0 <3>AP-STA-CONNECTED 02:00:00:00:00:07 keyid=guest');
    for (let i = 0; i < 5000; i++) {
      const bent = line.slice(0, random.nextU32() % (line.length + 1));
      for (let n = 0; n < 3 && bent.length > 0; n++) bent[random.nextU32() % bent.length] = random.nextU32();
      const result = decodeHostapdMessage(bent);
      if (result.ok && result.value.kind === 'reply') decodeHostapdStation(result.value.text);
    }
  });
});

describe('a station of the list', () => {
  it('of an access point with radio: its address, whether it may use the link, for how long it was silent', () => {
    const reply = [
      '02:00:00:00:00:07',
      'flags=[AUTH][ASSOC][AUTHORIZED][SHORT_PREAMBLE][WMM][HT]',
      'aid=1',
      'capability=0x431',
      'listen_interval=5',
      'supported_rates=82 84 8b 96 0c 12 18 24',
      'timeout_next=NULLFUNC POLL',
      'rx_packets=214',
      'tx_packets=96',
      'inactive_msec=1720',
      'signal=-41',
      'connected_time=73',
    ].join('\n');
    expect(decodeHostapdStation(reply)).toEqual({
      ok: true,
      value: { mac: station, authorized: true, inactive: milliseconds(1720) },
    });
  });

  it('of a wired port, and one that is being authenticated', () => {
    const wired = decodeHostapdStation('02:00:00:00:00:07\nflags=[AUTHORIZED]\naid=0\ndot1xPaePortNumber=0');
    expect(wired).toMatchObject({ ok: true, value: { authorized: true, inactive: undefined } });
    const pending = decodeHostapdStation('02:00:00:00:00:07\nflags=[AUTH][ASSOC]\ninactive_msec=nonsense');
    expect(pending).toMatchObject({ ok: true, value: { authorized: false, inactive: undefined } });
  });

  it.each(['UNKNOWN COMMAND', '', 'FAIL', '02:00:00:00:00:0', '03:00:00:00:00:07\nflags=[AUTHORIZED]'])(
    'that is none: %j',
    (reply) => {
      expect(decodeHostapdStation(reply)).toMatchObject({ ok: false, error: { code: 'bad-value' } });
    },
  );
});
