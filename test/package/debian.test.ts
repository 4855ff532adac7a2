import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withOwnNode } from '../../tools/package/debian.ts';

const launcher = readFileSync(new URL('../../bin/mooring', import.meta.url), 'utf8');

describe('the package for Debian', () => {
  it('runs on a machine without Node: its launcher is started by the Node that it brings', () => {
    const [interpreter, ...program] = withOwnNode(launcher).split('\n');
    expect(interpreter).toBe(`#!/usr/lib/mooring/node_modules/node-linux-${process.arch}/bin/node`);
    expect(program).toEqual(launcher.split('\n').slice(1));
  });

  it('is not made of a launcher that names its interpreter otherwise', () => {
    expect(() => withOwnNode('#!/bin/sh\n')).toThrow('interpreter');
  });
});
