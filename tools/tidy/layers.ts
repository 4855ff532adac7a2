/** What the files of one folder of `src/` may import. */
export interface Layer {
  /** Other layers. */
  readonly layers: readonly string[];
  /** Files of further layers from which types, and only types, may come. */
  readonly typesFrom?: readonly string[];
  /** npm packages. */
  readonly packages?: readonly string[];
  /** No effect at all: no `node:` module, clock, randomness, timer or console. */
  readonly pure?: true;
}

const PURE_LAYERS = ['base', 'wire', 'proto', 'config', 'dataplane', 'sim'];
const ALL_LAYERS = [...PURE_LAYERS, 'host', 'store', 'daemon', 'api', 'cli', 'lab'];

export const LAYERS: Readonly<Record<string, Layer>> = {
  base: { pure: true, layers: [] },
  wire: { pure: true, layers: ['base'] },
  // A machine says what forwarding it wants in the terms of the data plane.
  proto: { pure: true, layers: ['base', 'wire'], typesFrom: ['src/dataplane/desired.ts'] },
  config: { pure: true, layers: ['base'] },
  dataplane: { pure: true, layers: ['base', 'wire'] },
  sim: { pure: true, layers: [...PURE_LAYERS, 'store'] },
  // The data plane in the kernel implements the interface of `dataplane`.
  host: { layers: ['base', 'wire', 'dataplane'], packages: ['koffi'] },
  // The machines' records have their codecs with the machines.
  store: { layers: ['base', 'wire', 'proto', 'host'] },
  daemon: { layers: ALL_LAYERS, packages: ['pino', 'fastify'] },
  api: {
    layers: ALL_LAYERS,
    packages: ['fastify', '@fastify/rate-limit', '@fastify/swagger', 'ajv', 'pino', 'prom-client', 'typebox'],
  },
  cli: { layers: ALL_LAYERS, packages: ['commander', 'pino', 'ssh2'] },
  lab: { layers: ALL_LAYERS, packages: ['commander', 'pino'] },
};

/** The only file that loads koffi, and so the only one that can call libc. */
export const KOFFI_FILE = 'src/host/posix.ts';
