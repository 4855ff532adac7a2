/** Every mobility option that we read and write, in the order of their numbers. The types follow from this array. */
import type { MobilityOptionCodec } from '../option.ts';
import { accessNetworkIdentifier } from './access-network-identifier.ts';
import { accessTechnologyType } from './access-technology-type.ts';
import { activeMulticastSubscriptionIpv4 } from './active-multicast-subscription-ipv4.ts';
import { activeMulticastSubscriptionIpv6 } from './active-multicast-subscription-ipv6.ts';
import { alternateCareOfAddress } from './alternate-care-of-address.ts';
import { alternateIpv4CareOfAddress } from './alternate-ipv4-care-of-address.ts';
import { authentication } from './authentication.ts';
import { bindingAuthorizationData } from './binding-authorization-data.ts';
import { bindingAuthorizationDataForFmipv6 } from './binding-authorization-data-for-fmipv6.ts';
import { bindingIdentifier } from './binding-identifier.ts';
import { bindingRefreshAdvice } from './binding-refresh-advice.ts';
import { contextRequest } from './context-request.ts';
import { delegatedMobileNetworkPrefix } from './delegated-mobile-network-prefix.ts';
import { dynamicIpMulticastSelector } from './dynamic-ip-multicast-selector.ts';
import { flowIdentification } from './flow-identification.ts';
import { flowSummary } from './flow-summary.ts';
import { greKey } from './gre-key.ts';
import { handoffIndicator } from './handoff-indicator.ts';
import { homeNetworkPrefix } from './home-network-prefix.ts';
import { ipv4AddressAcknowledgement } from './ipv4-address-acknowledgement.ts';
import { ipv4CareOfAddress } from './ipv4-care-of-address.ts';
import { ipv4DefaultRouter } from './ipv4-default-router.ts';
import { ipv4DhcpSupportMode } from './ipv4-dhcp-support-mode.ts';
import { ipv4HomeAddress } from './ipv4-home-address.ts';
import { ipv4HomeAddressReply } from './ipv4-home-address-reply.ts';
import { ipv4HomeAddressRequest } from './ipv4-home-address-request.ts';
import { ipv4TrafficOffloadSelector } from './ipv4-traffic-offload-selector.ts';
import { linkLocalAddress } from './link-local-address.ts';
import { lmaControlledMagParameters } from './lma-controlled-mag-parameters.ts';
import { lmaUserPlaneAddress } from './lma-user-plane-address.ts';
import { loadInformation } from './load-information.ts';
import { localMobilityAnchorAddress } from './local-mobility-anchor-address.ts';
import { magIdentifier } from './mag-identifier.ts';
import { magIpv6Address } from './mag-ipv6-address.ts';
import { magMultipathBinding } from './mag-multipath-binding.ts';
import { mobileNetworkPrefix } from './mobile-network-prefix.ts';
import { mobileNodeGroupIdentifier } from './mobile-node-group-identifier.ts';
import { mobileNodeIdentifier } from './mobile-node-identifier.ts';
import { mobileNodeLinkLayerIdentifier } from './mobile-node-link-layer-identifier.ts';
import { mobileNodeLinkLocalAddressInterfaceIdentifier } from './mobile-node-link-local-address-interface-identifier.ts';
import { mobilityHeaderIpv6AddressPrefix } from './mobility-header-ipv6-address-prefix.ts';
import { mobilityHeaderLinkLayerAddress } from './mobility-header-link-layer-address.ts';
import { multicastAcknowledgement } from './multicast-acknowledgement.ts';
import { multicastMobility } from './multicast-mobility.ts';
import { natDetection } from './nat-detection.ts';
import { nonceIndices } from './nonce-indices.ts';
import { qualityOfService } from './quality-of-service.ts';
import { redirect } from './redirect.ts';
import { redirectCapability } from './redirect-capability.ts';
import { replayProtection } from './replay-protection.ts';
import { restartCounter } from './restart-counter.ts';
import { serviceSelection } from './service-selection.ts';
import { timestamp } from './timestamp.ts';
import { transientBinding } from './transient-binding.ts';
import { vendorSpecific } from './vendor-specific.ts';

export const MOBILITY_OPTIONS = [
  bindingRefreshAdvice,
  alternateCareOfAddress,
  nonceIndices,
  bindingAuthorizationData,
  mobileNetworkPrefix,
  mobilityHeaderLinkLayerAddress,
  mobileNodeIdentifier,
  authentication,
  replayProtection,
  vendorSpecific,
  serviceSelection,
  bindingAuthorizationDataForFmipv6,
  homeNetworkPrefix,
  handoffIndicator,
  accessTechnologyType,
  mobileNodeLinkLayerIdentifier,
  linkLocalAddress,
  timestamp,
  restartCounter,
  ipv4HomeAddress,
  ipv4AddressAcknowledgement,
  natDetection,
  ipv4CareOfAddress,
  greKey,
  mobilityHeaderIpv6AddressPrefix,
  bindingIdentifier,
  ipv4HomeAddressRequest,
  ipv4HomeAddressReply,
  ipv4DefaultRouter,
  ipv4DhcpSupportMode,
  contextRequest,
  localMobilityAnchorAddress,
  mobileNodeLinkLocalAddressInterfaceIdentifier,
  transientBinding,
  flowSummary,
  flowIdentification,
  redirectCapability,
  redirect,
  loadInformation,
  alternateIpv4CareOfAddress,
  mobileNodeGroupIdentifier,
  magIpv6Address,
  accessNetworkIdentifier,
  ipv4TrafficOffloadSelector,
  dynamicIpMulticastSelector,
  delegatedMobileNetworkPrefix,
  activeMulticastSubscriptionIpv4,
  activeMulticastSubscriptionIpv6,
  qualityOfService,
  lmaUserPlaneAddress,
  multicastMobility,
  multicastAcknowledgement,
  lmaControlledMagParameters,
  magMultipathBinding,
  magIdentifier,
] as const;

type OptionOf<Codec> = Codec extends MobilityOptionCodec<number, infer Option> ? Option : never;

export type KnownMobilityOption = OptionOf<(typeof MOBILITY_OPTIONS)[number]>;

/** An option without a codec here; it is written back octet for octet. */
export interface UnknownMobilityOption {
  readonly kind: 'unknown-option';
  readonly type: number;
  readonly data: Uint8Array;
}

export type MobilityOption = KnownMobilityOption | UnknownMobilityOption;
