export type { FiguresReport, Percentiles } from './figures.ts';
export { Figures } from './figures.ts';
export type { Grant, Operation, Service } from './messages.ts';
export { OPERATIONS, SERVICES } from './messages.ts';
export type { Holding, Outgoing, PopulationConfig } from './population.ts';
export { Population } from './population.ts';
