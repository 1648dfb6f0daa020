import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('absent', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 stale

eval range from 0 to 1m step 1m absent(v{x="a",y!="b"})
  {x="a"} _ 1

eval instant at 0 absent(none{x="a",x="b",y=~"c"})
  {} 1

eval instant at 0 absent(none{x!="b",x="a"})
  {x="a"} 1

eval instant at 0 absent(none{x="a",x!="b"})
  {} 1

eval instant at 0 absent(sum(none{x="a"}))
  {} 1
`);
});
