import { describe, expect, it } from 'vitest';
import {
  decodeMobilityHeader,
  encodeMobilityHeader,
  MOBILITY_MESSAGES,
  MOBILITY_OPTIONS,
  type MobilityOption,
} from '#wire/mobility/index.ts';
import { decodedValue } from '../vector.ts';
import { LAST_OPTION_SAMPLES, messageSamples, OPTION_SAMPLES } from './samples.ts';

describe('every message with every option', () => {
  it('has a sample', () => {
    const options = new Set<string>([...OPTION_SAMPLES, ...LAST_OPTION_SAMPLES].map((option) => option.kind));
    const messages = new Set<string>(messageSamples([]).map((message) => message.kind));
    expect(MOBILITY_OPTIONS.map((codec) => codec.kind).filter((kind) => !options.has(kind))).toEqual([]);
    expect(MOBILITY_MESSAGES.map((codec) => codec.kind).filter((kind) => !messages.has(kind))).toEqual([]);
  });

  it('survives encoding and decoding, one option at a time and all at once', () => {
    const all: readonly (readonly MobilityOption[])[] = [
      OPTION_SAMPLES,
      ...OPTION_SAMPLES.map((option) => [option]),
      ...LAST_OPTION_SAMPLES.map((option) => [...OPTION_SAMPLES, option]),
    ];
    for (const options of all) {
      for (const message of messageSamples(options)) {
        const bytes = encodeMobilityHeader(message);
        expect(decodedValue(decodeMobilityHeader(bytes))).toEqual(message);
        expect(bytes.length).toBe(((bytes[1] as number) + 1) * 8);
      }
    }
  });

  it('[RFC 6275 §6.2.7] Binding Authorization Data ends its message with no padding after it', () => {
    for (const message of messageSamples([...OPTION_SAMPLES, ...LAST_OPTION_SAMPLES.slice(0, 1)])) {
      expect(encodeMobilityHeader(message).at(-1)).toBe(0x0c);
    }
  });
});
