import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('limit_ratio', async () => {
  await expectScript(`
load 1m
  v{i="0"} 1
  v{i="1"} 1
  v{i="2"} 1
  v{i="3"} 1
  v{i="4"} 1
  v{i="5"} 1
  v{i="6"} 1
  v{i="7"} 1
  v{i="8"} 1
  v{i="9"} 1
  v{i="10"} 1
  v{i="11"} 1
  v{i="12"} 1
  v{i="13"} 1
  v{i="14"} 1
  v{i="15"} 1
  v{i="16"} 1
  v{i="17"} 1
  v{i="18"} 1
  v{i="19"} 1
  v{i="20"} 1
  v{i="21"} 1
  v{i="22"} 1
  v{i="23"} 1
  v{i="24"} 1
  v{i="25"} 1
  v{i="26"} 1
  v{i="27"} 1
  v{i="28"} 1
  v{i="29"} 1
  v{i="30"} 1
  v{i="31"} 1
  v{i="32"} 1
  v{i="33"} 1
  v{i="34"} 1
  v{i="35"} 1
  v{i="36"} 1
  v{i="37"} 1
  v{i="38"} 1
  v{i="39"} 1

# A ratio and its complement share nothing and leave nothing out.
eval instant at 0 count(limit_ratio(0.3, v) or limit_ratio(-0.7, v))
  {} 40

eval instant at 0 limit_ratio(0.3, v) and limit_ratio(-0.7, v)

eval instant at 0 count(limit_ratio(2, v))
  expect warn msg: PromQL warning: ratio value should be between -1 and 1, got 2, capping to 1 (1:19)
  {} 40

eval instant at 0 limit_ratio(NaN, v)
  expect fail msg: Ratio value is NaN
`);
});
