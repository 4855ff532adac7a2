import { describe, expect, it } from 'vitest';
import { codeOnly } from '../../tools/tidy/code-only.ts';

describe('codeOnly', () => {
  it.each([
    ["a('x y'); b", "a('   '); b"],
    ["a('it\\'s'); b", "a('     '); b"],
    ['a // b "c"\nd', 'a         \nd'],
    ['a /* b\n c */ d', 'a     \n      d'],
    ['x = a / b / c', 'x = a / b / c'],
    ['x = /a"b/.test(c)', 'x = /   /.test(c)'],
    ['x = /[/"]/; y', 'x = /    /; y'],
    ['return /"/; y', 'return / /; y'],
    ['f(a) / 2 + "/"', 'f(a) / 2 + " "'],
    ['`a ${b + `c ${d}` + {e: 1}.e} f` + g', '`  ${b + `  ${d}` + {e: 1}.e}  ` + g'],
    ['#!/usr/bin/env node\nx', `${' '.repeat(19)}\nx`],
  ])('%j', (text, expected) => {
    expect(codeOnly(text)).toBe(expected);
  });

  it('ends at the end of the text whatever is open', () => {
    for (const text of ["'a", '"a', '`a', '`a ${b', '/* a', '// a', 'x = /a', '`\\', "'\\"]) {
      expect(codeOnly(text), text).toHaveLength(text.length);
    }
  });
});
