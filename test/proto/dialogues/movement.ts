/** A mobile node comes, stays and goes from gateway to gateway. */
import { seconds } from '#base/time.ts';
import type { Dialogue } from './dialogue.ts';

export const MOVEMENT: readonly Dialogue[] = [
  {
    name: 'attachment',
    title: 'A mobile node comes, is registered and stays',
    rfc: 'RFC 5213 §5.3.2, §6.9.1.1, §6.9.1.3, RFC 5844 §3.1.2.2',
    play: (stage) => {
      stage.scene(
        'mn1 comes into reach of mag1, which does not know where it was before. It asks for whatever mn1 has: zeros ask lma1 to assign.',
        () => stage.node().attach('mag1'),
      );
      stage.scene(
        'After the refresh time of 300 s mag1 extends the lifetime. It names what is assigned, and says that nothing changed.',
        () => {},
        310,
      );
    },
  },
  {
    name: 'handover',
    title: 'A mobile node roams: its addresses go with it',
    rfc: 'RFC 5213 §5.3.4, RFC 5846 §8.1, §9.1',
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'));
      stage.scene('mn1 turns up at mag2. mag1 has heard nothing of that, so lma1 tells it.', () =>
        stage.node().roam('mag2'),
      );
    },
  },
  {
    name: 'handover-unnoticed',
    title: 'The old gateway does not hear that the node is gone',
    rfc: 'RFC 5213 §5.3.4, §5.3.5(1), RFC 5846 §6.3',
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'));
      stage.scene(
        'Nothing reaches mag1 any more, and mn1 goes to mag2. lma1 repeats its revocation once, and gives up. mag1 asks for mn1 in vain, and de-registers it: lma1 ignores that, as mn1 is at mag2.',
        () => {
          stage.cut(stage.mag1, 'in');
          stage.node().roam('mag2');
        },
        30,
      );
      stage.join(stage.mag1);
    },
  },
  {
    name: 'late-refresh',
    title: 'A refresh that was on its way when the node left never moves it back',
    rfc: 'RFC 5213 §5.3.1(13), §5.5(8), §6.9.1.2(8)',
    setting: { mag: { refreshTime: seconds(60) } },
    play: (stage) => {
      stage.scene('mn1 is at mag1.', () => stage.node().attach('mag1'), 59.9);
      stage.scene(
        'Each message of mag1 and to it now takes a second. It refreshes the binding; meanwhile mn1 goes to mag2, and is registered there. The refresh has an older time. So mag1 repeats it, which is then one of a gateway that does not serve mn1.',
        () => {
          stage.slowDown(stage.mag1, 1);
          stage.pass(0.2);
          stage.node().roam('mag2');
        },
        10,
      );
    },
  },
  {
    name: 'ping-pong',
    title: 'A node goes to and fro faster than the signalling',
    rfc: 'RFC 5846 §9.1, RFC 5213 §5.5',
    setting: { delayMs: 40 },
    play: (stage) => {
      stage.scene('mn1 is at mag1; a message is 40 ms on its way.', () => stage.node().attach('mag1'), 1);
      stage.scene(
        'mn1 goes to mag2 and 25 ms later back to mag1. The revocation reaches mag1 after mn1 has come back, which refuses it; mag2 obeys.',
        () => {
          stage.node().roam('mag2');
          stage.pass(0.025);
          stage.node().roam('mag1');
        },
      );
    },
  },
  {
    name: 'between-interfaces-of-a-gateway',
    title: 'A node goes from one interface of a gateway to another',
    rfc: 'RFC 5213 §6.9.1.1',
    setting: { mag: { interfaces: [accessInterface(0, 4), accessInterface(1, 4)] } },
    play: (stage) => {
      stage.scene('mn1 is at the first interface of mag1.', () => stage.node().attach('mag1'));
      stage.scene('It goes to the second one. Its traffic moves at once, and lma1 is told.', () =>
        stage.node().roam('mag1-2'),
      );
    },
  },
  {
    name: 'between-access-technologies',
    title: 'A node goes to an interface of another access technology',
    rfc: 'RFC 5213 §5.4.1.1, §6.9.1.1',
    setting: { mag: { interfaces: [accessInterface(0, 4), accessInterface(1, 3)] } },
    play: (stage) => {
      stage.scene('mn1 is on the wireless side of mag1.', () => stage.node().attach('mag1'));
      stage.scene(
        'It is plugged in. mag1 knows that it is the same interface of the same node, so this is a handoff between interfaces, which names the addresses.',
        () => stage.node().roam('mag1-2'),
      );
    },
  },
  {
    name: 'multi-homing',
    title: 'A node with two interfaces has two sessions',
    rfc: 'RFC 5213 §5.4, §5.4.1.2',
    setting: {
      nodes: [
        { name: 'mn1-a', nai: 'mn1@example.com' },
        { name: 'mn1-b', nai: 'mn1@example.com' },
      ],
      profile: { multihomed: true },
    },
    play: (stage) => {
      stage.scene('The first interface of mn1 attaches to mag1.', () => stage.node('mn1-a').attach('mag1'));
      stage.scene(
        'The second one attaches to mag1 too, which knows that it is a further one (handoff indicator 1).',
        () => stage.node('mn1-b').attach('mag1'),
      );
      stage.scene('It goes to mag2, and the first one stays where it is.', () => stage.node('mn1-b').roam('mag2'));
    },
  },
  {
    name: 'handoff-state-unknown',
    title: 'Another interface of a node that may have one session only',
    rfc: 'RFC 5213 §5.4.1.2(4), RFC 5846 §8.1',
    setting: {
      nodes: [
        { name: 'mn1-a', nai: 'mn1@example.com' },
        { name: 'mn1-b', nai: 'mn1@example.com' },
      ],
    },
    agrees: false,
    play: (stage) => {
      stage.scene('One interface of mn1 is at mag1.', () => stage.node('mn1-a').attach('mag1'));
      stage.scene(
        'Another one turns up at mag2, which cannot say whether the session moves. lma1 asks mag1, which has not heard of mn1 lately and lets it go.',
        () => {
          stage.node('mn1-a').leave();
          stage.node('mn1-b').attach('mag2');
        },
      );
    },
  },
];

function accessInterface(index: number, accessTechnology: number) {
  return { name: `GigabitEthernet0/${index}`, linkName: `acc${index}`, accessTechnology };
}
