import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BindingRecord, StoreChange } from '#proto/lma/record.ts';
import type { BindingStore } from '#store/store.ts';

/** What every binding store must do. `open` opens a store on the medium of this test; opening it again is a restart. */
export function describeBindingStore(name: string, medium: () => { open(): BindingStore; remove(): void }): void {
  describe(`${name} as a binding store`, () => {
    let place: ReturnType<typeof medium>;
    let store: BindingStore;
    beforeEach(() => {
      place = medium();
      store = place.open();
    });
    afterEach(() => {
      store.close();
      place.remove();
    });
    const reopen = () => {
      store.close();
      store = place.open();
    };

    it('is empty at first', () => {
      expect(store.load()).toEqual([]);
    });

    it('gives back every field of a record after a restart', () => {
      store.commit([put(fullRecord)]);
      reopen();
      expect(store.load()).toEqual([fullRecord]);
    });

    it('keeps the absence of optional fields', () => {
      store.commit([put(sparseRecord)]);
      reopen();
      expect(store.load()).toEqual([sparseRecord]);
    });

    it('replaces a record of the same id', () => {
      store.commit([put(fullRecord)]);
      store.commit([put({ ...fullRecord, sequence: 78 })]);
      reopen();
      expect(store.load().map((record) => record.sequence)).toEqual([78]);
    });

    it('applies the changes of a group in their order', () => {
      store.commit([
        put(fullRecord),
        { kind: 'delete', id: fullRecord.id, urgency: 'before-reply' },
        put(sparseRecord),
        put({ ...sparseRecord, sequence: 9 }),
      ]);
      reopen();
      expect(store.load()).toEqual([{ ...sparseRecord, sequence: 9 }]);
    });

    it('deletes, and takes the deletion of an unknown id for done', () => {
      store.commit([put(fullRecord), put(sparseRecord)]);
      store.commit([
        { kind: 'delete', id: fullRecord.id, urgency: 'before-reply' },
        { kind: 'delete', id: 'nobody', urgency: 'within-window' },
      ]);
      reopen();
      expect(store.load().map((record) => record.id)).toEqual([sparseRecord.id]);
    });

    it('has within-window changes too once it was closed', () => {
      store.commit([put(fullRecord, 'within-window')]);
      reopen();
      expect(store.load()).toEqual([fullRecord]);
    });

    it('holds many records', () => {
      const ids = Array.from({ length: 2000 }, (_, i) => `lma1/${i}`);
      store.commit(ids.map((id) => put({ ...fullRecord, id })));
      reopen();
      expect(
        store
          .load()
          .map((record) => record.id)
          .sort(),
      ).toEqual([...ids].sort());
    });

    it('is not changed by whoever holds a record that it was given or gave', () => {
      const mutable = structuredClone(fullRecord) as { sequence: number } & BindingRecord;
      store.commit([put(mutable)]);
      mutable.sequence = 1;
      (store.load()[0] as { sequence: number }).sequence = 2;
      expect(store.load()[0]?.sequence).toBe(fullRecord.sequence);
    });
  });
}

function put(record: BindingRecord, urgency: 'before-reply' | 'within-window' = 'before-reply'): StoreChange {
  return { kind: 'put', record, urgency };
}

const fullRecord: BindingRecord = {
  id: 'lma1/1',
  nai: 'mn1@example.com',
  identifier: { subtype: 1, octets: '6d6e31406578616d706c652e636f6d' },
  state: 'active',
  customer: 3,
  linkLayerIdentifier: '0024d78e21a4',
  accessTechnology: 4,
  careOfAddresses: [
    {
      address: '203.0.113.15',
      local: '203.0.113.1',
      port: 61_000,
      encapsulation: { kind: 'gre', keys: { send: 7, receive: 0xffff_fffe } },
    },
  ],
  uplinkGreKey: 0xffff_fffe,
  homeAddress: { address: '192.0.2.7', prefixLength: 24, defaultRouter: '192.0.2.254' },
  prefixes: ['2001:db8:f00d:7::/64'],
  linkLocalAddress: 'fe80::200:5eff:fe00:5213',
  lifetimeSeconds: 3600,
  expiresAtUtcMs: 1_764_003_600_125.5,
  grantedUntilUtcMs: 1_764_003_700_125.5,
  registeredAtUtcMs: 1_764_000_000_000,
  timestamp: { seconds: 1_764_000_000, fraction: 32768 },
  sequence: 77,
};

const sparseRecord: BindingRecord = {
  id: 'lma1/2',
  nai: 'mn2@example.com',
  identifier: { subtype: 1, octets: '6d6e32406578616d706c652e636f6d' },
  state: 'deleting',
  customer: 0,
  linkLayerIdentifier: '',
  accessTechnology: 3,
  careOfAddresses: [
    { address: '2001:db8:cafe:1026::15', local: '2001:db8:cafe:1024::101', encapsulation: { kind: 'ip' } },
  ],
  prefixes: [],
  lifetimeSeconds: 4,
  expiresAtUtcMs: 1,
  grantedUntilUtcMs: 2,
  registeredAtUtcMs: 0,
  sequence: 0,
};
