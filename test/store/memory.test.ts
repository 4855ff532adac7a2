import { createMemoryMedium, MemoryStore } from '#store/memory.ts';
import { describeStore } from './compliance.ts';

describeStore('MemoryStore', () => {
  const medium = createMemoryMedium();
  return { open: () => new MemoryStore(medium), crash: () => {}, remove: () => medium.entries.clear() };
});
