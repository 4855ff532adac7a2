import type { StreamedEvent } from './types.ts';

export interface ParsedEvent {
  readonly id: string;
  readonly kind: string;
  /** A note about the stream has only `kind` and `text`. */
  readonly data: StreamedEvent;
}

/** Reads Server-Sent Events of text as it comes, cut anywhere. */
export class EventParser {
  #rest = '';

  push(text: string): ParsedEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => parsed(block) ?? []);
  }
}

function parsed(block: string): ParsedEvent | undefined {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
  }
  const { id = '', event = '', data } = fields;
  if (data === undefined) return undefined;
  try {
    return { id, kind: event, data: JSON.parse(data) as StreamedEvent };
  } catch {
    return undefined;
  }
}
