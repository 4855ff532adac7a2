/**
 * What the packet worker and the main thread say to each other about RADIUS: the worker knows what is asked and what an answer means, the main thread
 * has the sockets and the servers. Everything here can be copied between threads.
 */
import type { Duration } from '#base/time.ts';
import type { AccountingRecord } from '#proto/aaa/accounting.ts';
import type { Exchange, RadiusOutcome, RadiusServer } from '#proto/radius/index.ts';
import type { ErrorCause } from '#wire/radius/error-cause.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import type { RadsecSettings } from './radsec-connection.ts';

/** Servers as configured, in the order in which they are asked. */
export interface RadiusSettings {
  readonly servers: readonly RadiusServerSettings[];
  readonly deadTime: Duration;
  readonly dynamicAuthorization?: DynamicAuthorizationSettings;
  readonly accountingProxy?: AccountingProxySettings;
}

/** Which access points and controllers may tell of their stations by accounting. */
export interface AccountingProxySettings {
  readonly port: number;
  readonly clients: readonly {
    readonly address: string;
    /** Of an IPv4 network. */
    readonly prefixLength?: number;
    readonly secret: Uint8Array;
  }[];
  /** Link-layer addresses of mobile nodes about which nobody is asked, as `00:24:d7:8e:21:a4`. */
  readonly localStations: readonly string[];
}

/** Who may end and change sessions (RFC 5176). */
export interface DynamicAuthorizationSettings {
  readonly port: number;
  readonly clients: readonly { readonly address: string; readonly secret: Uint8Array }[];
}

export type RadiusServerSettings = Omit<RadiusServer, 'address'> & {
  /** As text: objects lose their class on the way between threads. */
  readonly address: string;
  /** Where `transport` is TLS. */
  readonly tls?: RadsecSettings;
};

export type ToRadius =
  | { readonly kind: 'configure'; readonly settings: RadiusSettings }
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly exchange: Exchange;
      readonly attributes: readonly RadiusAttribute[];
      readonly password?: Uint8Array;
    }
  | { readonly kind: 'cancel'; readonly id: number }
  /** To be told in this order, however long that takes. */
  | { readonly kind: 'account'; readonly records: readonly AccountingRecord[] }
  /** What became of a client's wish: it is carried out, or why not. */
  | { readonly kind: 'carried-out'; readonly id: number; readonly errorCause?: ErrorCause }
  | AccountedTaken;

/**
 * What became of an `accounted`. `told`: the MAG has it. `without-station`: it names no station. `without-interface`: none of an access interface is known for it.
 * `other`: it says of no station that it came, is there, or left.
 */
export interface AccountedTaken {
  readonly kind: 'taken';
  readonly id: number;
  readonly result: 'told' | 'without-station' | 'without-interface' | 'other';
}

export type FromRadius = AnswerOfServer | ClientRequest | AccountedQuestion;

/** What a record of an access point or a controller is about: a station with a local profile, another one, or itself. */
export type RecordSubject = 'local-station' | 'station' | 'access-point';

/** An access point or a controller accounts for a station; answered by `taken`. */
export interface AccountedQuestion {
  readonly kind: 'accounted';
  readonly id: number;
  readonly about: RecordSubject;
  /** As configured. */
  readonly client: string;
  readonly attributes: readonly RadiusAttribute[];
}

export interface AnswerOfServer {
  readonly kind: 'answer';
  readonly id: number;
  readonly outcome: RadiusOutcome;
  readonly attributes: readonly RadiusAttribute[];
}

/** A client wants sessions to end, or to have another authorization; it is told by `carried-out`. */
export interface ClientRequest {
  readonly kind: 'disconnect' | 'change';
  readonly id: number;
  readonly attributes: readonly RadiusAttribute[];
}
