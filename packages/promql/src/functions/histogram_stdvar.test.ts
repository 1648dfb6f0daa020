import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('histogram_stdvar', async () => {
  await expectScript(`
load 1m
  v 1

eval instant at 0 histogram_stdvar(v)
`);
});
