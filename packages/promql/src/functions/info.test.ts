import { describe, expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { expectScript } from '../testing/expect-script.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { PROMQLTEST_OPTIONS } from '../testing/promqltest.ts';

describe('info', () => {
  it('adds the labels of the target', async () => {
    await expectScript(`
load 5m
  metric{instance="a", job="1", label="value"} 0 1 2
  metric{instance="b", job="1", label="value"} 5 _ _
  histogram{instance="a", job="1"} {{count:1 sum:2}}x2
  target_info{instance="a", job="1", data="info", another_data="another info"} 1 1 1
  build_info{instance="a", job="1", build_data="build"} 1 1 1

eval range from 0m to 10m step 5m info(metric)
  metric{data="info", instance="a", job="1", label="value", another_data="another info"} 0 1 2
  metric{instance="b", job="1", label="value"} 5 _ _

eval range from 0m to 10m step 5m info(metric, {data=~".+"})
  metric{data="info", instance="a", job="1", label="value"} 0 1 2

eval range from 0m to 10m step 5m info(metric, {data=~".*"})
  metric{data="info", instance="a", job="1", label="value"} 0 1 2
  metric{instance="b", job="1", label="value"} 5 _ _

eval range from 0m to 10m step 5m info(metric{instance="a"}, {non_existent=~".*"})
  metric{instance="a", job="1", label="value"} 0 1 2

eval range from 0m to 10m step 5m info(metric, {non_existent=~".+"})

eval range from 0m to 10m step 5m info(metric{instance="a"}, {__name__="build_info"})
  metric{instance="a", job="1", label="value", build_data="build"} 0 1 2

eval range from 0m to 10m step 5m info(metric{instance="a"}, {__name__=~".+_info", build_data=~".+"})
  metric{instance="a", job="1", label="value", build_data="build"} 0 1 2

eval range from 0m to 10m step 5m info(histogram)
  histogram{instance="a", job="1", data="info", another_data="another info"} {{count:1 sum:2}}x2

eval range from 0m to 10m step 5m info({job="1", __name__=~"target_info|metric", instance="a"}, {data=~".+"})
  metric{data="info", instance="a", job="1", label="value"} 0 1 2
  target_info{instance="a", job="1", data="info", another_data="another info"} 1 1 1
`);
  });

  it('follows a label that changes, and leaves labels of the series alone', async () => {
    await expectScript(`
load 5m
  metric{instance="a", job="1", data="own"} 0 1 2
  target_info{instance="a", job="1", data="info"} 1 1 stale
  target_info{instance="a", job="1", data="updated info", more="x"} _ _ 1

eval range from 0m to 10m step 5m info(metric)
  metric{instance="a", job="1", data="own"} 0 1 _
  metric{instance="a", job="1", data="own", more="x"} _ _ 2

eval instant at 5m info(metric, {data=~".+"})
  metric{instance="a", job="1", data="own"} 1

clear
load 1m
  metric{instance="a", job="1"} 0 1 2
  target_info{instance="a", job="1", data="info"} 1 _ _
  target_info{instance="a", job="1", data="updated info"} _ _ 1

eval range from 0m to 2m step 1m info(metric)
  metric{instance="a", job="1", data="info"} 0 1 _
  metric{instance="a", job="1", data="updated info"} _ _ 2

eval range from 0m to 2m step 1m info(metric offset 1m)
  metric{instance="a", job="1", data="info"} _ 0 1

eval range from 0m to 2m step 1m info(metric @ 60)
  metric{instance="a", job="1", data="info"} 1 1 1

eval range from 0m to 2m step 1m info(rate(metric[2m]) * 60)
  {instance="a", job="1", data="info"} _ 0.5 _
  {instance="a", job="1", data="updated info"} _ _ 1
`);
  });

  it('looks info up by the targets of what is asked, and holds a series for info only when its name was asked for', async () => {
    await expectScript(`
load 5m
  metric{instance="a"} 1
  metric{instance="b", job="1"} 2
  metric{} 3
  alone{} 4
  target_info{instance="a", data="info"} 1
  target_info{data="nobody"} 1

eval instant at 0 info(metric)
  metric{instance="a"} 1
  metric{instance="b", job="1"} 2
  metric{} 3

eval instant at 0 info(metric{job=""})
  metric{instance="a", data="info"} 1
  metric{} 3

eval instant at 0 info(alone)
  alone{} 4

eval instant at 0 info(target_info{instance="a"}, {other=~".+"})

eval instant at 0 info(target_info{instance="a"}, {__name__="target_info", other=~".+"})
  target_info{instance="a", data="info"} 1
`);
  });

  it('fails on info that contradicts itself', async () => {
    await expectScript(`
load 5m
  metric{instance="a", job="1"} 0
  target_info{instance="a", job="1", data="info"} 1
  build_info{instance="a", job="1", data="other"} 1
  twice_info{instance="a", job="1", data="x"} 1
  twice_info{instance="a", job="1", data="y"} 1

eval instant at 0 info(metric, {__name__=~"target_info|build_info"})
  expect fail msg: conflicting label: data

eval instant at 0 info(metric, {__name__="twice_info"})
  expect fail regex: found duplicate series for info metric: existing .* @ 0, new .* @ 0
`);
  });

  it('takes label selectors only', async () => {
    const engine = createQueryEngine({ options: PROMQLTEST_OPTIONS });
    const ask = (query: string): Promise<unknown> =>
      engine.instant({ query, queryable: new MemoryStorage(), time: 0 });
    await expect(ask('info(a, b)')).rejects.toThrow('1:9: parse error: expected label selectors only');
    await expect(ask('info(a, 1)')).rejects.toThrow('expected label selectors only');
    await expect(ask('info(1)')).rejects.toThrow(
      'expected type instant vector in call to function "info", got scalar',
    );
    await expect(ask('info(a, {})')).resolves.toMatchObject({ type: 'vector' });
  });
});
