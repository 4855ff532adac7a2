/**
 * The layer-2 update frame that an access point broadcasts for a station that associated, so that bridges learn where it is:
 * an 802.2 LLC XID response with the station as source.
 */
import { MacAddress } from '#base/mac-address.ts';
import { type EthernetFrame, encodeEthernet } from './ethernet.ts';

/** DSAP 0, SSAP 0 as a response, XID; then the basic format, LLC class 1, no window. As hostapd sends it. */
const XID_RESPONSE = Uint8Array.of(0x00, 0x01, 0xaf, 0x81, 0x01, 0x00);

const RESPONSE = 0x01;
const XID = 0xaf;
const POLL_FINAL = 0x10;

/** XID to everybody between null service access points, as command or response, polling or not. */
export function isLayer2Update(frame: EthernetFrame): boolean {
  const { payload } = frame;
  return (
    frame.etherType === undefined &&
    payload.length >= 3 &&
    frame.destination.equals(MacAddress.broadcast) &&
    payload[0] === 0 &&
    ((payload[1] as number) | RESPONSE) === RESPONSE &&
    ((payload[2] as number) & ~POLL_FINAL) === XID
  );
}

export function encodeLayer2Update(station: MacAddress): Uint8Array {
  return encodeEthernet({
    destination: MacAddress.broadcast,
    source: station,
    tags: [],
    etherType: undefined,
    payload: XID_RESPONSE,
  });
}
