import { expect, it } from 'vitest';
import { clausesOf, obligationsIn } from '../../tools/tidy/clauses.ts';

it('numbers the items of a list as citations do, and finds the words that oblige', () => {
  const text = `
1.  Introduction

   A MUST before the list.

   3.  The third item SHOULD have more,

       a paragraph that MUST follow it.

   Text after the list is the section's: REQUIRED.

2.  Bullets

   o  first, with 5
   o  second: MUST NOT
      o  within the second: MUST


Somebody                     Standards Track                    [Page 3]
\f
RFC 1                          Title                          May 1999


      and SHALL over the page.

   o  third, MAY
`;
  expect(
    clausesOf(text).map((clause) => `${clause.section}${clause.item} ${obligationsIn(clause).join(', ')}`),
  ).toEqual(['1 MUST, REQUIRED', '1(3) SHOULD, MUST', '2(1) ', '2(2) MUST NOT, MUST, SHALL', '2(3) ']);
});
