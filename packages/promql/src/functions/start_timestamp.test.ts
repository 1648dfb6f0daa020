import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('start_timestamp', async () => {
  await expectScript(`
load 1m
  v{a="1"}@st -30s _ -1m
  v{a="1"} 1 2 {{count:3}}

eval range from 0 to 2m step 1m start_timestamp(v)
  {a="1"} -30 0 60

eval instant at 2m start_timestamp(v + 1)
`);
});
