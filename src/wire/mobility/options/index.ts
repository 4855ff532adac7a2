export type { AccessNetworkIdentifierOption } from './access-network-identifier.ts';
export type {
  AccessNetworkIdentifier,
  AniUpdateTimer,
  CivicLocation,
  GeoLocation,
  MagGroupIdentifier,
  NetworkIdentifier,
  OperatorIdentifier,
} from './access-network-identifiers.ts';
export type { AccessTechnologyTypeOption } from './access-technology-type.ts';
export { AccessTechnologyType } from './access-technology-type.ts';
export type { ActiveMulticastSubscriptionIpv4Option } from './active-multicast-subscription-ipv4.ts';
export type { ActiveMulticastSubscriptionIpv6Option } from './active-multicast-subscription-ipv6.ts';
export type { AlternateCareOfAddressOption } from './alternate-care-of-address.ts';
export type { AlternateIpv4CareOfAddressOption } from './alternate-ipv4-care-of-address.ts';
export type { AuthenticationOption } from './authentication.ts';
export { AuthenticationSubtype } from './authentication.ts';
export type { BindingAuthorizationDataOption } from './binding-authorization-data.ts';
export type { BindingAuthorizationDataForFmipv6Option } from './binding-authorization-data-for-fmipv6.ts';
export type { BindingIdentifierOption } from './binding-identifier.ts';
export type { BindingRefreshAdviceOption } from './binding-refresh-advice.ts';
export type { ContextRequest, ContextRequestOption } from './context-request.ts';
export type { DelegatedMobileNetworkPrefixOption } from './delegated-mobile-network-prefix.ts';
export type { DynamicIpMulticastSelectorOption } from './dynamic-ip-multicast-selector.ts';
export type {
  BindingReference,
  FlowBindingAction,
  FlowIdentificationOption,
  FlowSubOption,
  FlowTrafficSelector,
  TargetCareOfAddress,
} from './flow-identification.ts';
export type { FlowSummaryOption } from './flow-summary.ts';
export type { GreKeyOption } from './gre-key.ts';
export type { HandoffIndicatorOption } from './handoff-indicator.ts';
export { HandoffIndicator } from './handoff-indicator.ts';
export type { HomeNetworkPrefixOption } from './home-network-prefix.ts';
export type { Ipv4AddressAcknowledgementOption } from './ipv4-address-acknowledgement.ts';
export type { Ipv4CareOfAddressOption } from './ipv4-care-of-address.ts';
export type { Ipv4DefaultRouterOption } from './ipv4-default-router.ts';
export type { Ipv4DhcpSupportModeOption } from './ipv4-dhcp-support-mode.ts';
export type { Ipv4HomeAddressOption } from './ipv4-home-address.ts';
export type { Ipv4HomeAddressReplyOption } from './ipv4-home-address-reply.ts';
export { Ipv4HomeAddressStatus } from './ipv4-home-address-reply.ts';
export type { Ipv4HomeAddressRequestOption } from './ipv4-home-address-request.ts';
export type { Ipv4TrafficOffloadSelectorOption } from './ipv4-traffic-offload-selector.ts';
export type { LinkLocalAddressOption } from './link-local-address.ts';
export type {
  BindingReregistrationControl,
  HeartbeatControl,
  LmaControlledMagParameter,
  LmaControlledMagParametersOption,
} from './lma-controlled-mag-parameters.ts';
export type { LmaUserPlaneAddressOption } from './lma-user-plane-address.ts';
export type { LoadInformationOption } from './load-information.ts';
export type { LocalMobilityAnchorAddressOption } from './local-mobility-anchor-address.ts';
export type { MagIdentifierOption } from './mag-identifier.ts';
export type { MagIpv6AddressOption } from './mag-ipv6-address.ts';
export type { MagMultipathBindingOption } from './mag-multipath-binding.ts';
export type { MobileNetworkPrefixOption } from './mobile-network-prefix.ts';
export type { MobileNodeGroupIdentifierOption } from './mobile-node-group-identifier.ts';
export type { MobileNodeIdentifierOption } from './mobile-node-identifier.ts';
export { MobileNodeIdentifierSubtype } from './mobile-node-identifier.ts';
export type { MobileNodeLinkLayerIdentifierOption } from './mobile-node-link-layer-identifier.ts';
export type { MobileNodeLinkLocalAddressInterfaceIdentifierOption } from './mobile-node-link-local-address-interface-identifier.ts';
export type { MobilityHeaderIpv6AddressPrefixOption } from './mobility-header-ipv6-address-prefix.ts';
export type { MobilityHeaderLinkLayerAddressOption } from './mobility-header-link-layer-address.ts';
export type { MulticastAcknowledgementOption } from './multicast-acknowledgement.ts';
export { MulticastAcknowledgementStatus } from './multicast-acknowledgement.ts';
export type { MulticastMobilityOption } from './multicast-mobility.ts';
export { MulticastReportCode } from './multicast-mobility.ts';
export type { NatDetectionOption } from './nat-detection.ts';
export type { NonceIndicesOption } from './nonce-indices.ts';
export type {
  AllocationRetentionPriority,
  BitRate,
  QosAttribute,
  QosTrafficSelector,
  QosVendorSpecific,
  SessionBitRate,
} from './qos-attributes.ts';
export type { QualityOfServiceOption } from './quality-of-service.ts';
export { QosOperation } from './quality-of-service.ts';
export type { RedirectOption } from './redirect.ts';
export type { RedirectCapabilityOption } from './redirect-capability.ts';
export type { ReplayProtectionOption } from './replay-protection.ts';
export type { RestartCounterOption } from './restart-counter.ts';
export type { ServiceSelectionOption } from './service-selection.ts';
export type { KnownMobilityOption, MobilityOption, UnknownMobilityOption } from './table.ts';
export { MOBILITY_OPTIONS } from './table.ts';
export type { TimestampOption } from './timestamp.ts';
export { timestampFromUtc, timestampToUtc } from './timestamp.ts';
export type {
  Ipv4TrafficSelector,
  Ipv6TrafficSelector,
  SelectorRange,
  TrafficSelector,
  UnknownTrafficSelector,
} from './traffic-selector.ts';
export { TrafficSelectorFormat } from './traffic-selector.ts';
export type { TransientBindingOption } from './transient-binding.ts';
export type { VendorSpecificOption } from './vendor-specific.ts';
