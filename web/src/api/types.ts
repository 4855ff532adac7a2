/** The API's answers, as its schemas have them. */
import type { Static } from 'typebox';
import type { binding, bindingDetail, bindingPage } from '../../../src/api/schemas/bindings.ts';
import type { attachment, attachments, history } from '../../../src/api/schemas/history.ts';
import type { health, peers, pools, readiness, statistics, tunnels } from '../../../src/api/schemas/views.ts';

export type { StreamedEvent } from '../../../src/api/schemas/events.ts';
export type { Problem } from '../../../src/api/schemas/problem.ts';

export type Binding = Static<typeof binding>;
export type BindingDetail = Static<typeof bindingDetail>;
export type BindingPage = Static<typeof bindingPage>;
export type Health = Static<typeof health>;
export type Readiness = Static<typeof readiness>;
export type Peers = Static<typeof peers>;
export type Path = Peers['items'][number]['paths'][number];
export type Tunnels = Static<typeof tunnels>;
export type Pools = Static<typeof pools>;
export type Statistics = Static<typeof statistics>;
export type Attachment = Static<typeof attachment>;
export type Attachments = Static<typeof attachments>;
export type NodeHistory = Static<typeof history>;
export type Step = NodeHistory['steps'][number];
