import { expect, it } from 'vitest';
import { DEFAULTS } from '../testing/setup.ts';
import { BUILT_IN_NAMES, builtInRules } from './built-in.ts';

it('every rule is known by its name', () => {
  expect(new Set(builtInRules(DEFAULTS).map(({ name }) => name))).toEqual(BUILT_IN_NAMES);
});
