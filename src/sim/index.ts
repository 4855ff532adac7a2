export type { Radio, Station } from './air.ts';
export type { LinkFaults } from './link.ts';
export { MobileNode } from './mobile-node.ts';
export { SimulationFault, type Timers } from './scheduler.ts';
export type { Shrunk } from './shrink.ts';
export { shrink } from './shrink.ts';
export type {
  SimulationEvent,
  SimulationFailure,
  SimulationFigures,
  SimulationOptions,
  SimulationOutcome,
} from './simulation.ts';
export { runSimulation } from './simulation.ts';
export type { AttachTimes, NodeAddresses, StoryOptions, StoryResult, StoryRoam } from './story.ts';
export { runStory } from './story.ts';
export type { FaultKind, Swarm } from './swarm.ts';
export { drawSwarm, FAULT_KINDS } from './swarm.ts';
