import type { Authorization } from './authorization.ts';
import type { MobileNodeIdentity } from './binding.ts';
import type { NaiProfile } from './events.ts';
import type { ProxyBindingRequest } from './request.ts';
import type { TunnelShape } from './tunnel.ts';

/** A request that passed every check of RFC 5213 §5.3.1 "Processing Proxy Binding Updates" and has a lifetime. */
export interface CheckedRequest extends ProxyBindingRequest {
  readonly mobileNode: MobileNodeIdentity;
  readonly accessTechnology: number;
  readonly shape: TunnelShape;
  readonly profile: NaiProfile | undefined;
  /** The AAA server's, once it was asked. */
  readonly authorization?: Authorization;
}
