import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { Duration, UtcTime } from '#base/time.ts';
import {
  encodeAuthenticated,
  encodeMobilityHeader,
  type MobilitySecurityAssociation,
  signAuthentication,
} from '#wire/mobility/index.ts';
import type { Granted } from './granted.ts';
import { OPERATIONS, type Operation, proxyBindingUpdate, type Service } from './messages.ts';
import { UpdateTemplate } from './update-template.ts';

/** A number of a mobile node has at most so many, so that one number tells templates apart. */
const DIGITS_MAXIMUM = 16;

export interface UpdateConfig {
  readonly realm: string;
  readonly service: Service;
  readonly lifetime: Duration;
  readonly timestamps: boolean;
  readonly authentication?: MobilitySecurityAssociation;
}

export interface UpdateFields {
  readonly node: number;
  readonly operation: Operation;
  readonly sequence: number;
  readonly utc: UtcTime;
  /** Which the MAG knows of. */
  readonly granted: Granted;
  /** The Proxy Care-of Address of the MAG. */
  readonly careOfAddress: Ipv6Address;
}

/** Writes the Proxy Binding Updates of many mobile nodes into a few templates. */
export class UpdateWriter {
  readonly #config: UpdateConfig;
  readonly #templates = new Map<number, UpdateTemplate>();

  constructor(config: UpdateConfig) {
    this.#config = config;
  }

  /** The Mobility Header that `proxyBindingUpdate` describes, valid until the next call; its checksum field is zero. */
  write(fields: UpdateFields): Uint8Array {
    const { node, operation, sequence, utc, granted, careOfAddress } = fields;
    const isKnown = operation === 'refresh' || operation === 'detach';
    const digits = digitsOf(node);
    const shape = (granted.prefixCount * OPERATIONS.length + OPERATIONS.indexOf(operation)) * DIGITS_MAXIMUM + digits;
    let template = this.#templates.get(shape);
    if (!template) {
      template = new UpdateTemplate(this.#encode(fields), digits);
      this.#templates.set(shape, template);
    }
    template.write(node, sequence, utc, isKnown ? granted : undefined);
    if (this.#config.authentication) signAuthentication(template.octets, this.#config.authentication, careOfAddress);
    return template.octets;
  }

  #encode({ node, operation, sequence, utc, granted, careOfAddress }: UpdateFields): Uint8Array {
    const { realm, service, lifetime, timestamps, authentication } = this.#config;
    const message = proxyBindingUpdate({
      ...{ node, realm, operation, service, lifetime, sequence, grant: granted.toGrant() },
      ...(timestamps && { utc }),
    });
    const octets = authentication
      ? encodeAuthenticated(message, [authentication], careOfAddress)
      : encodeMobilityHeader(message);
    // The encoder's octets share a block of memory with others.
    return octets.slice();
  }
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}
