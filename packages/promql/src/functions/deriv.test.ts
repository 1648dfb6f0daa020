import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('deriv', async () => {
  await expectScript(`
load 1m
  v{x="a"} 0 60 120
  flat{x="a"} 0.1 0.1 0.1

eval instant at 2m deriv(v[5m])
  {x="a"} 1

eval instant at 2m deriv(flat[5m])
  {x="a"} 0

eval instant at 0 deriv(v[5m])
`);
});
