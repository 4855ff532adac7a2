export type { LinkFaults } from './link.ts';
export { SimulationFault } from './scheduler.ts';
export type { AttachTimes, NodeAddresses, StoryOptions, StoryResult, StoryRoam } from './story.ts';
export { runStory } from './story.ts';
export type { WorldOptions } from './world.ts';
export { World } from './world.ts';
