/** What the RADIUS client is told, what it answers, and the configuration that it runs with. */
import type { IpAddress } from '#base/ip-address.ts';
import type { Duration } from '#base/time.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import type { LogOutput } from '../peer.ts';

/** Octets that nobody can foretell: RFC 2865 §3 "Packet Format" asks that of the Request Authenticator. */
export type Entropy = (octets: number) => Uint8Array;

/** `access`: RFC 2865, Access-Request. `accounting`: RFC 2866, Accounting-Request. */
export type Exchange = 'access' | 'accounting';

export interface RadiusServer {
  readonly address: IpAddress;
  readonly authenticationPort: number;
  readonly accountingPort: number;
  readonly secret: Uint8Array;
  /** How long an answer is waited for before the request is sent again. */
  readonly timeout: Duration;
  /** How often a request is sent again to this server. */
  readonly retransmit: number;
  /** `tls`: one connection takes all requests (RFC 6614), and both ports are that of the connection. */
  readonly transport: 'udp' | 'tls';
  /** Whether an answer to an Access-Request must have a Message-Authenticator; over TLS none does. */
  readonly messageAuthenticator: 'required' | 'optional';
}

export interface RadiusClientConfig {
  /** In the order in which they are asked. */
  readonly servers: readonly RadiusServer[];
  /** How long a server that did not answer is left alone; 0: not at all. */
  readonly deadTime: Duration;
}

export type RadiusEvent =
  | RadiusRequest
  /** Its answer is not wanted any more. */
  | { readonly kind: 'cancel'; readonly id: number }
  | RadiusDatagram
  /** Whether the connection to a server over TLS is there; before the first of these it is being made. */
  | { readonly kind: 'connection'; readonly server: RadiusServer; readonly up: boolean }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'configure'; readonly config: RadiusClientConfig };

export interface RadiusRequest {
  readonly kind: 'request';
  /** Whoever asks chooses it; it is not of another request that waits. */
  readonly id: number;
  readonly exchange: Exchange;
  /** Without a Message-Authenticator, which is added. */
  readonly attributes: readonly RadiusAttribute[];
  /** Hidden and added to an Access-Request. */
  readonly password?: Uint8Array;
}

export interface RadiusDatagram {
  readonly kind: 'datagram';
  readonly from: IpAddress;
  readonly port: number;
  /** Of the socket that it came to. */
  readonly slot: number;
  readonly octets: Uint8Array;
}

export type RadiusOutput = RadiusSend | RadiusAnswer | LogOutput;

export interface RadiusSend {
  readonly kind: 'send';
  readonly server: RadiusServer;
  readonly exchange: Exchange;
  /** RFC 2865 §3 "Packet Format" tells requests apart by Identifier and source port: each slot is a socket with a port of its own. */
  readonly slot: number;
  readonly octets: Uint8Array;
}

export interface RadiusAnswer {
  readonly kind: 'answer';
  readonly id: number;
  readonly outcome: RadiusOutcome;
  /** Of the answer; none without one. */
  readonly attributes: readonly RadiusAttribute[];
}

/**
 * `accept`: Access-Accept, or Accounting-Response. `reject`: Access-Reject, or a challenge, which nobody here can answer. `no-answer`: no server answered in time.
 * `no-server`: none is configured. `overload`: too many requests wait already.
 */
export type RadiusOutcome = 'accept' | 'reject' | 'no-answer' | 'no-server' | 'overload';
