import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('timestamp', async () => {
  await expectScript(`
load 10s
  v{x="a"} 1 2

eval instant at 15s timestamp(v)
  {x="a"} 10

eval instant at 15s timestamp(v + 0)
  {x="a"} 15

eval instant at 25s timestamp(v offset 10s)
  {x="a"} 10
`);
});
