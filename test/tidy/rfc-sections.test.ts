import { expect, it } from 'vitest';
import { sectionsOf } from '../../tools/tidy/generate-rfc-sections.ts';

const TEXT = `Network Working Group

Table of Contents

1.  Introduction ..............................................3
   2.1.  Terms ...............................................4
Appendix A.  More . . . . . . . . . . . . . . . . . . . . . . 9

1.  Introduction

   1.  an item of a list

2.1.  Explicit Congestion Notification (ECN) Considerations for Proxy
      Mobile IPv6 Tunnels

   Text that is cut by the end of a page and

Gundavelli, et al.          Standards Track                     [Page 1]
\f
RFC 5213                  Proxy Mobile IPv6                  August 2008

3.  Changes from RFC 4068

Appendix A.  More

   Text.
`;

it('takes numbers and whole titles from the body of an RFC', () => {
  expect(sectionsOf(TEXT)).toEqual({
    '1': 'Introduction',
    '2.1': 'Explicit Congestion Notification (ECN) Considerations for Proxy Mobile IPv6 Tunnels',
    '3': 'Changes from RFC 4068',
    A: 'More',
  });
});
