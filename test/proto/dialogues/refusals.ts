/** What an anchor does not accept, and what a gateway makes of it. */

import { milliseconds, seconds } from '#base/time.ts';
import { lmaConfig, magAddress, magConfig } from '#sim/domain.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import { AuthenticationSubtype } from '#wire/mobility/index.ts';
import type { Dialogue } from './dialogue.ts';

const [LMA] = magConfig(0, 1).lmas as [ReturnType<typeof magConfig>['lmas'][number]];

export const REFUSALS: readonly Dialogue[] = [
  {
    name: 'authentication',
    title: 'Registrations are authenticated',
    rfc: 'RFC 4285 §5, RFC 5213 §4',
    setting: { lma: { authentication: key('secret') }, mag: { lmas: [{ ...LMA, authentication: key('secret') }] } },
    play: attach,
  },
  {
    name: 'authentication-with-another-key',
    title: 'The keys of both ends differ',
    rfc: 'RFC 4285 §5.1.1',
    setting: { lma: { authentication: key('secret') }, mag: { lmas: [{ ...LMA, authentication: key('other') }] } },
    agrees: false,
    play: attach,
  },
  {
    name: 'authentication-missing',
    title: 'A gateway that does not authenticate hears nothing',
    rfc: 'RFC 4285 §5',
    setting: { lma: { authentication: key('secret') } },
    agrees: false,
    play: attach,
  },
  {
    name: 'clocks-apart',
    title: 'The clock of a gateway is wrong',
    rfc: 'RFC 5213 §5.5(9), §6.9.1.2(9)',
    agrees: false,
    play: (stage) => {
      stage.mag1.clock.set(milliseconds(60_000));
      attach(stage);
      stage.scene('The clock is set right, and mn1 asks once more.', () => {
        stage.mag1.clock.set(milliseconds(0));
        stage.node().rejoin('mag1');
      });
    },
  },
  {
    name: 'older-timestamp',
    title: 'A registration whose timestamp is lower than one before',
    rfc: 'RFC 5213 §5.5(8), §6.9.1.2(8)',
    play: (stage) => {
      stage.mag1.clock.set(milliseconds(3000));
      stage.scene(
        'mn1 is at mag1, whose clock is 3 s ahead: that is within the window.',
        () => stage.node().attach('mag1'),
        1,
      );
      stage.scene(
        "mn1 roams. The time of mag2 is right, and lower than that of mag1. It asserts mn1's presence again, in vain.",
        () => stage.node().roam('mag2'),
      );
      stage.scene('Some seconds later that time has come, and the next sign of mn1 is enough.', () =>
        stage.node().rejoin('mag2'),
      );
    },
  },
  {
    name: 'sequence-numbers',
    title: 'Sequence numbers instead of timestamps',
    rfc: 'RFC 5213 §6.9.1.1(6), RFC 6275 §9.5.1, §11.7.3',
    setting: { mag: { timestamps: false }, seed: 2 },
    play: (stage) => {
      attach(stage);
      stage.scene(
        'mn1 roams. mag2 counts from elsewhere: lma1 tells the number that it knows, and mag2 goes on from there.',
        () => stage.node().roam('mag2'),
      );
      stage.scene('mn1 goes back.', () => stage.node().roam('mag1'));
    },
  },
  {
    name: 'unknown-gateway',
    title: 'A gateway that the anchor does not know',
    rfc: 'RFC 5213 §5.3.1(6)',
    setting: { lma: { peers: [{ name: 'mag2', ipv6: magAddress(1) }] } },
    agrees: false,
    play: attach,
  },
  {
    name: 'unknown-node',
    title: 'A mobile node of another anchor',
    rfc: 'RFC 5213 §5.3.1(7)',
    setting: { lma: { profiles: [] } },
    agrees: false,
    play: attach,
  },
  {
    name: 'service-of-one-family',
    title: 'The anchor allows less than the gateway asks for',
    rfc: 'RFC 5844 §3.1.2.1, §3.2.3.2',
    setting: { lma: { profiles: [{ nai: 'mn1@example.com', service: 'ipv6' }] } },
    play: attach,
    agrees: false,
  },
  {
    name: 'anchor-full',
    title: 'An anchor has as many bindings as it may',
    rfc: 'RFC 5213 §5.3.2',
    setting: { nodes: [{ name: 'mn1' }, { name: 'mn2' }], lma: { bindingMaximum: 1 } },
    agrees: false,
    play: (stage) => {
      attach(stage);
      stage.scene('mn2 comes to mag2.', () => stage.node('mn2').attach('mag2'), 1);
    },
  },
  {
    name: 'service-not-allowed',
    title: 'A service that the node may not have',
    rfc: 'RFC 5149 §4.2',
    setting: {
      profile: { apn: 'intranet.example' },
      lma: { profiles: [{ nai: 'mn1@example.com', service: 'dual', apn: 'internet.example' }] },
    },
    agrees: false,
    play: attach,
  },
  {
    name: 'controller-of-cisco',
    title: 'As the gateways of Cisco speak',
    rfc: 'RFC 5213 §6.9.1.5, RFC 5149 §3',
    setting: {
      nodes: [{ name: 'mn1', nai: '0024.d78e.2100@example.com' }],
      lma: { peers: lmaConfig(0, 2).peers.map((peer) => ({ ...peer, interop: 'cisco' as const })) },
      mag: { lmas: [{ ...LMA, interop: 'cisco' }] },
    },
    play: (stage) => {
      stage.scene(
        'The node is named by its link-layer address, the realm is the service, and an attachment is one of a new interface.',
        () => stage.node().attach('mag1'),
      );
      stage.scene('mn1 roams.', () => stage.node().roam('mag2'));
    },
  },
  {
    name: 'lost-answers',
    title: 'An answer is lost: the request is repeated, with a new number and time',
    rfc: 'RFC 5213 §6.9.4, RFC 6275 §11.8',
    setting: { mag: { retransmitInitial: seconds(1) } },
    play: (stage) => {
      stage.scene('The answer to the first request does not reach mag1.', () => {
        stage.cut(stage.mag1, 'in');
        stage.node().attach('mag1');
        stage.pass(0.5);
        stage.join(stage.mag1);
      });
    },
  },
];

function attach(stage: Parameters<Dialogue['play']>[0]): void {
  stage.scene('mn1 comes to mag1.', () => stage.node().attach('mag1'), 2);
}

function key(text: string) {
  return { subtype: AuthenticationSubtype.MN_HA, spi: 1000, hmac: new HmacSha1(new TextEncoder().encode(text)) };
}
