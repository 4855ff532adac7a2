import { createMemoryMedium, MemoryBindingStore } from '#store/memory.ts';
import { describeBindingStore } from './compliance.ts';

describeBindingStore('MemoryBindingStore', () => {
  const medium = createMemoryMedium();
  return { open: () => new MemoryBindingStore(medium), remove: () => medium.clear() };
});
