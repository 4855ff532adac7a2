import { BindingStatus } from '#wire/mobility/index.ts';
import { transitionLog } from '../peer.ts';
import type { MagContext } from './context.ts';
import type { MagEvent } from './events.ts';
import type { Binding, BindingState } from './state.ts';

/** A binding goes into another state, because of the event at hand; while a node is debugged, that is logged. */
export function enter(mag: MagContext, binding: Binding, state: BindingState): void {
  if (mag.debugging) tell(mag, binding, binding.state, state);
  binding.state = state;
}

export function tellCreated(mag: MagContext, binding: Binding): void {
  if (mag.debugging) tell(mag, binding, 'NULL', binding.state);
}

export function tellDropped(mag: MagContext, binding: Binding): void {
  if (mag.debugging) tell(mag, binding, binding.state, 'NULL');
}

function tell(mag: MagContext, { nai, mac }: Binding, from: string, to: string): void {
  if (!mag.event) return;
  mag.emit(transitionLog(eventName(mag.event, from, to), from, to, { nai, mac: mac.toCiscoString() }));
}

/** As the debug of Cisco's gateways names it, where that is known. */
function eventName(event: MagEvent, from: string, to: string): string {
  switch (event.kind) {
    case 'attached':
      return from === 'NULL' ? 'New MN intf attached' : 'MN intf attached again';
    case 'detached':
      return `MN intf detached (${event.reason})`;
    case 'heard':
      return 'MN intf present';
    case 'link-down':
      return 'Access intf down';
    case 'message':
      return messageName(event.message);
    case 'timeout':
      return to === 'REFRESH_PENDING' ? 'Refresh timer expiry' : 'Timer expiry';
    case 'forwarding-failed':
      return 'Forwarding failure';
    case 'clear-bindings':
      return 'Clear binding';
    default:
      return `MAG ${event.kind}`;
  }
}

function messageName(message: Extract<MagEvent, { kind: 'message' }>['message']): string {
  switch (message.kind) {
    case 'binding-acknowledgement':
      return message.status < BindingStatus.REASON_UNSPECIFIED ? 'PBA accept' : 'PBA reject';
    case 'binding-revocation-indication':
      return 'BRI';
    default:
      return message.kind;
  }
}
