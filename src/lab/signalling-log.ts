import type { TappedFrame } from './link-tap.ts';
import type { Gateway } from './topology.ts';

export interface SignallingFrame {
  readonly gateway: Gateway;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
}

/** No run of the lab needs more; what is beyond is counted only. */
const maximumFrames = 100_000;

/** Every Mobility Header packet that passed the gateways' transport links in a run. */
export class SignallingLog {
  readonly frames: SignallingFrame[] = [];
  overflow = 0;

  add(gateway: Gateway, { at, bytes, originalLength }: TappedFrame): void {
    if (this.frames.length === maximumFrames) this.overflow++;
    else this.frames.push({ gateway, at, bytes: new Uint8Array(bytes), originalLength });
  }
}
