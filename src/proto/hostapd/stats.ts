/** Counters of the client of one hostapd since it started; the names are stable. */
export type HostapdClientStats = ReturnType<typeof createHostapdClientStats>;

export function createHostapdClientStats() {
  return {
    connectionAttempts: 0,
    attached: 0,
    attachRefused: 0,
    connectionsLost: 0,
    commandsSent: 0,
    commandsUnanswered: 0,

    messagesReceived: 0,
    messagesMalformed: 0,
    /** Replies to nothing that was asked, and such as no version of hostapd gives. */
    repliesUnexpected: 0,
    eventsOfOthers: 0,

    stationsConnected: 0,
    stationsDisconnected: 0,
    stationsAnswered: 0,
    stationsListed: 0,
    /** Were there before the connection was lost, and are not listed after it. */
    stationsVanished: 0,
    stationsOverMaximum: 0,
    listsRepeated: 0,
    listsGivenUp: 0,
  };
}
