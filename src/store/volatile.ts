import type { Store } from './store.ts';
import { createStoreStats } from './store.ts';

/** Keeps nothing: for a node whose bindings may be lost with the process. */
export class VolatileStore implements Store {
  readonly gap = undefined;
  readonly stats = createStoreStats();
  readonly durable = 0;
  readonly awaited = 0;

  load(): [] {
    return [];
  }

  begin(): void {}
  commit(): false {
    return false;
  }
  settle(): void {}
  nextFlush(): undefined {}
  nextGroup(): undefined {}
  flush(): void {}
  setWindow(): void {}
  close(): void {}
}
