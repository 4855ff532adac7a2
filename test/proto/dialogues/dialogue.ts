import type { Setting, Stage } from './stage.ts';

/** One behaviour that LMA and MAG show together. */
export interface Dialogue {
  /** Of its file among the recorded ones. */
  readonly name: string;
  readonly title: string;
  readonly rfc: string;
  readonly setting?: Setting;
  /** False: somebody is left who gets no service, or is told of a node's departure by none. */
  readonly agrees?: boolean;
  readonly play: (stage: Stage) => void;
}
