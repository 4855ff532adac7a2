/**
 * The control interface of hostapd: datagrams of text on a Unix socket. A client sends a command and gets one reply; once it has sent ATTACH
 * it is also told of events.
 *
 *     > ATTACH                                       < OK
 *     > STA-FIRST                                    < 02:00:00:00:00:07
 *                                                      flags=[AUTH][ASSOC][AUTHORIZED]
 *                                                      aid=1 …
 *     > STA-NEXT 02:00:00:00:00:07                   < (nothing: that was the last)
 *                                                    < <3>AP-STA-CONNECTED 02:00:00:00:00:08
 *
 * An event begins with its level in angle brackets, with `IFNAME=wlan0 ` before that on a socket of several interfaces; no reply does.
 */
import { MacAddress } from '#base/mac-address.ts';
import { ok } from '#base/result.ts';
import { type Duration, milliseconds } from '#base/time.ts';
import { type Decoded, wireError } from './error.ts';

/** hostapd makes none longer, in octets. */
export const LONGEST_HOSTAPD_MESSAGE = 4096;

export type HostapdMessage =
  | { readonly kind: 'reply'; readonly text: string }
  | { readonly kind: 'event'; readonly event: HostapdEvent };

export type HostapdEvent =
  /** A station may use the link now: it is associated and, where that is asked for, authenticated. */
  | { readonly kind: 'station-connected'; readonly mac: MacAddress }
  | { readonly kind: 'station-disconnected'; readonly mac: MacAddress }
  /** A silent station was asked whether it is there, and is. */
  | { readonly kind: 'station-answered'; readonly mac: MacAddress }
  /** The access point began or ceased to serve: stations may have gone without a word. */
  | { readonly kind: 'access-point-changed'; readonly name: string }
  | { readonly kind: 'terminating' }
  | { readonly kind: 'other'; readonly name: string };

/** What a reply to STA-FIRST or STA-NEXT says of a station. */
export interface HostapdStation {
  readonly mac: MacAddress;
  /** Whether it may use the link; one that is still being authenticated may not. */
  readonly authorized: boolean;
  /** Since its last frame, where the driver knows; on a wired link it does not. */
  readonly inactive: Duration | undefined;
}

const EVENT = /^(?:IFNAME=[^ ]{1,15} )?<\d>(.*)$/s;

const STATION_EVENTS: Readonly<Record<string, 'station-connected' | 'station-disconnected' | 'station-answered'>> = {
  'AP-STA-CONNECTED': 'station-connected',
  'AP-STA-DISCONNECTED': 'station-disconnected',
  'AP-STA-POLL-OK': 'station-answered',
};

const ACCESS_POINT_EVENTS = new Set(['AP-ENABLED', 'AP-DISABLED', 'INTERFACE-ENABLED', 'INTERFACE-DISABLED']);

export function decodeHostapdMessage(octets: Uint8Array): Decoded<HostapdMessage> {
  if (octets.length > LONGEST_HOSTAPD_MESSAGE) {
    return wireError('too-long', LONGEST_HOSTAPD_MESSAGE, 'message', 'hostapd sends at most 4096 octets');
  }
  const text = latin1(octets);
  const event = EVENT.exec(text)?.[1];
  if (event === undefined) return ok({ kind: 'reply', text: text.trimEnd() });
  return decodeEvent(event, text.length - event.length);
}

/** Reads a reply that is neither empty nor `FAIL`. */
export function decodeHostapdStation(reply: string): Decoded<HostapdStation> {
  const [first = '', ...fields] = reply.split('\n');
  const mac = stationAddress(first);
  if (!mac) return wireError('bad-value', 0, 'station', 'the first line is the address of a station');
  const value = (name: string) => fields.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const inactive = value('inactive_msec');
  return ok({
    mac,
    authorized: value('flags')?.includes('[AUTHORIZED]') ?? false,
    inactive: inactive !== undefined && /^\d{1,12}$/.test(inactive) ? milliseconds(Number(inactive)) : undefined,
  });
}

/** What follows the level: a name, and for a station its address, then perhaps more words such as `keyid=guest`. */
function decodeEvent(text: string, offset: number): Decoded<HostapdMessage> {
  const [name = '', address = ''] = text.trimEnd().split(' ');
  if (name === '') return wireError('bad-value', offset, 'event', 'an event has a name');
  if (name === 'CTRL-EVENT-TERMINATING') return ok({ kind: 'event', event: { kind: 'terminating' } });
  if (ACCESS_POINT_EVENTS.has(name)) return ok({ kind: 'event', event: { kind: 'access-point-changed', name } });
  const kind = Object.hasOwn(STATION_EVENTS, name) ? STATION_EVENTS[name] : undefined;
  if (!kind) return ok({ kind: 'event', event: { kind: 'other', name } });
  const mac = stationAddress(address);
  if (!mac) return wireError('bad-value', offset + name.length, name, 'an address of a station follows');
  return ok({ kind: 'event', event: { kind, mac } });
}

/** Neither a group's address nor none. */
function stationAddress(text: string): MacAddress | undefined {
  const mac = /^[0-9a-f:]{17}$/i.test(text) ? MacAddress.parse(text) : undefined;
  return mac && !mac.isMulticast && !mac.isZero ? mac : undefined;
}

function latin1(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}
