/** Counters of one access machine since it started; the names are stable. */
export type AccessStats = ReturnType<typeof createAccessStats>;

export function createAccessStats() {
  return {
    framesReceived: 0,
    framesMalformed: 0,
    framesOnUnknownInterface: 0,
    framesFromOwnAddress: 0,
    framesFromGroupAddress: 0,
    framesTagged: 0,
    framesFromStrangersIgnored: 0,
    stationsOverMaximum: 0,
    stationsOverRate: 0,
    triggersSuppressed: 0,

    ...createAttachmentStats(),
    probesSent: 0,

    packetsHeld: 0,
    packetsHeldForwarded: 0,
    packetsNotHeld: 0,

    dhcpReceived: 0,
    dhcpMalformed: 0,
    dhcpForeignHardwareAddress: 0,
    dhcpRelayed: 0,
    dhcpUnexpected: 0,
    dhcpForOtherServer: 0,
    dhcpHeld: 0,
    dhcpWithoutHomeAddress: 0,
    dhcpDeclined: 0,
    dhcpAfterDecline: 0,
    dhcpOptionsLeftOut: 0,
    dhcpReleased: 0,
    dhcpRelayedToServer: 0,
    dhcpRelayedToClient: 0,
    dhcpNotRelayed: 0,
    dhcpForeignAddress: 0,
    dhcpNoServerToRelayTo: 0,
    dhcpNoAddressToRelayFrom: 0,
    dhcpOffersSent: 0,
    dhcpAcksSent: 0,
    dhcpNaksSent: 0,

    routerSolicitationsReceived: 0,
    routerSolicitationsInvalid: 0,
    routerSolicitationsSuppressed: 0,
    routerAdvertisementsSent: 0,
    routerAdvertisementsOfWithdrawal: 0,

    neighborSolicitationsInvalid: 0,
    gatewayClaims: 0,
    gatewayDefences: 0,

    dhcpv6Received: 0,
    dhcpv6Malformed: 0,
    dhcpv6Unexpected: 0,
    dhcpv6WithoutSession: 0,
    dhcpv6RepliesSent: 0,
  };
}

function createAttachmentStats() {
  return {
    attachedReported: 0,
    attachedByLayer2Update: 0,
    attachedByHostapd: 0,
    attachedByControl: 0,
    attachedByAccounting: 0,
    attachedByDhcp: 0,
    attachedByRouterSolicitation: 0,
    attachedByNeighborSolicitation: 0,
    attachedByArp: 0,
    attachedByData: 0,
    detachedByRelease: 0,
    detachedByNoAnswer: 0,
    detachedByAccessPoint: 0,
    detachedByControl: 0,
    movesBetweenAccessPoints: 0,
    /** Of stations that are elsewhere by now, or never were here. */
    associationsIgnored: 0,
    associationsOnUnknownInterface: 0,
  };
}
