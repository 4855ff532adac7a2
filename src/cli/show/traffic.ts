import { field } from './layout.ts';

export interface TrafficCount {
  readonly packets: number;
  readonly octets: number;
}

/** What went through a tunnel; `up` is from the mobile nodes, `down` towards them. */
export interface Traffic {
  readonly up: TrafficCount;
  readonly down: TrafficCount;
}

export function trafficFields({ up, down }: Traffic): string[] {
  return [
    field('Packets upstream', up.packets),
    field('Octets upstream', up.octets),
    field('Packets downstream', down.packets),
    field('Octets downstream', down.octets),
  ];
}
