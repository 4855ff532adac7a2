import type { MacAddress } from '#base/mac-address.ts';

/** The states through which Cisco's controllers see a client go, with their numbers. */
const STATES = { START: 0, AUTHCHECK: 2, L2AUTHCOMPLETE: 4, DHCP_REQD: 7, RUN: 20 } as const;
type ClientState = keyof typeof STATES;

const CLIENT_MAXIMUM = 64;

interface Client {
  state: ClientState;
  address: string;
}

/** Of the clients that are debugged: `debug client` tells their changes of state. */
export class ClientStates {
  readonly #clients = new Map<number, Client>();

  /** It was seen on its link: whoever is let through by an access point is authenticated. */
  seen(mac: MacAddress): string[] {
    const client = this.#clientOf(mac);
    return client.state === 'START' ? this.#through(mac, client, ['AUTHCHECK', 'L2AUTHCOMPLETE']) : [];
  }

  /** It has a session; with an IPv4 address, DHCP is still to tell it. */
  active(mac: MacAddress, awaitsDhcp: boolean): string[] {
    const client = this.#clientOf(mac);
    return client.state === 'RUN' ? [] : this.#through(mac, client, [awaitsDhcp ? 'DHCP_REQD' : 'RUN']);
  }

  addressed(mac: MacAddress, address: string): string[] {
    const client = this.#clientOf(mac);
    client.address = address;
    return client.state === 'RUN' ? [] : this.#through(mac, client, ['RUN']);
  }

  ended(mac: MacAddress): string[] {
    const client = this.#clientOf(mac);
    client.address = '0.0.0.0';
    return client.state === 'START' ? [] : this.#through(mac, client, ['START']);
  }

  clear(): void {
    this.#clients.clear();
  }

  #clientOf(mac: MacAddress): Client {
    const known = this.#clients.get(mac.key);
    if (known) return known;
    if (this.#clients.size >= CLIENT_MAXIMUM) this.#clients.clear();
    const client: Client = { state: 'START', address: '0.0.0.0' };
    this.#clients.set(mac.key, client);
    return client;
  }

  #through(mac: MacAddress, client: Client, states: readonly ClientState[]): string[] {
    return states.map((state) => {
      const last = named(client.state);
      client.state = state;
      return `${mac} ${client.address} ${last} Change state to ${named(state)} last state ${last}`;
    });
  }
}

function named(state: ClientState): string {
  return `${state} (${STATES[state]})`;
}
