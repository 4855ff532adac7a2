/** How sessions end, and what comes of failures. */
import { milliseconds, seconds } from '#base/time.ts';
import type { Dialogue } from './dialogue.ts';

const HEARTBEAT = { interval: seconds(60), retries: 2 };

export const ENDINGS: readonly Dialogue[] = [
  {
    name: 'departure',
    title: 'A node goes without a word',
    rfc: 'RFC 5213 §5.3.5, §6.9.1.4, §6.13',
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'));
      stage.scene(
        'It goes out of reach. mag1 asks for it twice in vain, and de-registers it. lma1 waits for 10 s, in which mn1 could come back.',
        () => stage.node().leave(),
        30,
      );
    },
  },
  {
    name: 'return-during-the-wait',
    title: 'A node that comes back in time has its addresses again',
    rfc: 'RFC 5213 §5.3.5(2)',
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'));
      stage.scene(
        'The link of mag1 goes down.',
        () => {
          stage.node().leave();
          stage.mag1.setLink('GigabitEthernet0/1/0.3074', false);
        },
        3,
      );
      stage.scene('Three seconds later mn1 turns up at mag2: the wait is over, and nothing needs to be revoked.', () =>
        stage.node().rejoin('mag2'),
      );
    },
  },
  {
    name: 'release-of-the-ipv4-address',
    title: 'A node gives its IPv4 address back and keeps its prefix',
    rfc: 'RFC 5844 §3.1.2.5, §3.4.3',
    play: (stage) => {
      stage.scene('mn1 is at mag1, and has sent something: it knows the link-layer address of its router.', () => {
        stage.node().attach('mag1');
        stage.pass(1);
        stage.node().sendDatagram(stage.world.correspondent.ipv4, 7, new Uint8Array(4));
      });
      stage.scene('Its DHCP client releases the lease. The de-registration names the IPv4 address alone.', () =>
        stage.node().dhcp.release(),
      );
      stage.scene('The client starts again, and has the same address as before.', () => stage.node().dhcp.start());
    },
  },
  {
    name: 'revocation-of-a-node',
    title: "The anchor's operator ends a session",
    rfc: 'RFC 5846 §8.1, §9.1',
    agrees: false,
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'));
      stage.scene('At lma1: clear ipv6 mobile pmipv6 lma binding nai mn1@example.com', () => {
        stage.node().leave();
        stage.lma.handle({ kind: 'clear-bindings', nai: 'mn1@example.com' });
      });
    },
  },
  {
    name: 'revocation-of-a-gateway',
    title: "The anchor's operator ends all sessions of a gateway by one message",
    rfc: 'RFC 5846 §8.1',
    setting: { nodes: [{ name: 'mn1' }, { name: 'mn2' }, { name: 'mn3' }] },
    agrees: false,
    play: (stage) => {
      stage.scene('mn1 and mn2 are at mag1.', () => {
        stage.node('mn1').attach('mag1');
        stage.node('mn2').attach('mag1');
      });
      stage.scene('mn3 is at mag2.', () => stage.node('mn3').attach('mag2'));
      stage.scene('At lma1: clear ipv6 mobile pmipv6 lma binding mag mag1. The G flag stands for all of them.', () => {
        stage.node('mn1').leave();
        stage.node('mn2').leave();
        stage.lma.handle({ kind: 'clear-bindings', mag: 'mag1' });
      });
    },
  },
  {
    name: 'clear-at-the-gateway',
    title: "The gateway's operator ends a session",
    rfc: 'RFC 5213 §6.9.1.4',
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'));
      stage.scene(
        'At mag1: clear ipv6 mobile pmipv6 mag binding nai mn1@example.com',
        () => {
          stage.node().leave();
          stage.mag1.handle({ kind: 'clear-bindings', nai: 'mn1@example.com' });
        },
        15,
      );
    },
  },
  {
    name: 'silent-anchor',
    title: 'An anchor that does not answer',
    rfc: 'RFC 5213 §6.9.4',
    play: (stage) => {
      stage.scene(
        'lma1 is cut off. mn1 comes to mag1, which repeats its request ever more slowly, and gives up after six times.',
        () => {
          stage.cut(stage.lma, 'both');
          stage.node().attach('mag1');
        },
        64,
      );
      stage.scene("lma1 is in reach again: mn1's next DHCP message starts anew.", () => stage.join(stage.lma), 60);
    },
  },
  {
    name: 'heartbeat-failure',
    title: 'Heartbeats find a path broken, and whole again',
    rfc: 'RFC 5847 §3.1',
    setting: { mag: { heartbeat: HEARTBEAT, detection: undefined, refreshTime: seconds(1800) } },
    play: (stage) => {
      stage.scene(
        'mn1 is at mag1, which asks lma1 for a sign of life from now on.',
        () => stage.node().attach('mag1'),
        70,
      );
      stage.scene('lma1 is cut off.', () => stage.cut(stage.lma, 'both'), 250);
      stage.scene('It is in reach again. Sessions have stayed as they were.', () => stage.join(stage.lma), 60);
    },
  },
  {
    name: 'heartbeat-restart-of-the-anchor',
    title: 'An anchor restarts and has lost its bindings',
    rfc: 'RFC 5847 §3.2',
    setting: {
      mag: { heartbeat: HEARTBEAT, detection: undefined, refreshTime: seconds(1800) },
      lma: { heartbeat: HEARTBEAT },
    },
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'), 70);
      stage.scene(
        'lma1 is killed, loses what it has stored, and starts with another restart counter. mag1 does not take an unsolicited word for it, and asks. Then it registers mn1 again, with the addresses that mn1 has.',
        () => {
          stage.lma.crash();
          stage.lma.loseStore();
          stage.lma.start();
        },
        70,
      );
    },
  },
  {
    name: 'heartbeat-restart-of-a-gateway',
    title: 'A gateway restarts and has lost its sessions',
    rfc: 'RFC 5847 §3.2, RFC 5213 §5.3.5',
    setting: {
      mag: { heartbeat: HEARTBEAT, detection: undefined, refreshTime: seconds(1800) },
      lma: { heartbeat: HEARTBEAT },
    },
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'), 70);
      stage.scene(
        'mag1 is killed, loses what it has stored, and starts again. lma1 marks the binding as invalid: no traffic goes into a tunnel that nobody expects.',
        () => {
          stage.mag1.crash();
          stage.mag1.loseStore();
          stage.mag1.start();
        },
        10,
      );
      stage.scene('mn1 solicits a router, and is registered anew: with what it had.', () =>
        stage.node().rejoin('mag1', false),
      );
    },
  },
  {
    name: 'stop-of-a-gateway',
    title: 'A gateway is stopped: it takes leave of its anchor',
    rfc: 'RFC 5213 §6.9.1.4',
    setting: { lma: { deleteWait: milliseconds(10_000) } },
    agrees: false,
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'));
      stage.scene('mag1 is stopped.', () => stage.mag1.stop(), 3);
      stage.scene('mag1 starts again within the wait, and mn1 renews its lease: it has its addresses again.', () => {
        stage.mag1.start();
        stage.node().rejoin('mag1', false);
      });
    },
  },
];
