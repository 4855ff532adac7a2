import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { DEFAULT_HTTP_PORT, DEFAULT_HTTPS_PORT, type HttpConfiguration } from '#config/index.ts';

/** Where the HTTP API is served whatever else is configured. */
export const LOOPBACK = ['127.0.0.1', '::1'];

/** Where the HTTP API is to be served. */
export interface HttpEndpoint {
  readonly address: IpAddress;
  readonly port: number;
  readonly tls: boolean;
}

/** Without a certificate and its key nothing is served with TLS. */
export function httpEndpoints(http: HttpConfiguration): HttpEndpoint[] {
  const { server, secureServer, certificate, key, addresses } = http;
  const { port = DEFAULT_HTTP_PORT, securePort = DEFAULT_HTTPS_PORT } = http;
  const own = addresses.map(({ address }) => address).filter((address) => !LOOPBACK.includes(`${address}`));
  const all = [...LOOPBACK.flatMap((host) => parseIpAddress(host) ?? []), ...own];
  const plain = server ? all.map((address) => ({ address, port, tls: false })) : [];
  const isSecure = secureServer && certificate !== undefined && key !== undefined;
  return isSecure ? [...plain, ...all.map((address) => ({ address, port: securePort, tls: true }))] : plain;
}
