import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { NeedleSet } from '../../logs/index.ts';
import { eventsSection } from '../config.ts';
import { Histories } from '../history/histories.ts';
import { Mask } from '../mask.ts';
import { RuleSet } from '../rule-set.ts';
import { BodyText } from './body-text.ts';
import { Judge } from './judge.ts';

const config = eventsSection.schema.parse({});
const { limits, approach, anomaly } = config;
const ruleSet = new RuleSet(
  {
    limits,
    approach,
    anomaly: { zScore: anomaly.z_score, strong: anomaly.strong_z_score, minEvents: anomaly.min_events },
    bands: { warning: config.warning_threshold, critical: config.critical_threshold },
  },
  [],
);
const judge = new Judge({
  clock: new ManualClock(),
  config,
  mask: new Mask({
    names: [],
    values: config.mask.values,
    needles: (texts) => new NeedleSet(texts),
    masked: () => {},
  }),
  ruleSet: () => ruleSet,
  newId: () => 'made',
});

it.each([
  ['{"b":1.0,"a":[{"c":"ä"}],"big":12345678901234567890}', undefined],
  ['{"limit":1e999}', undefined],
  ['{ "a": 1 }', '{"a":1}'],
  ['{"a":"\\u0041"}', '{"a":"A"}'],
  ['{"password":"geheim"}', '{"password":"[REDACTED]"}'],
  // The parser keeps the last of two with one name: what stood in the first must not be stored.
  ['{"password":"geheim","password":null}', '{"password":null}'],
  ['{"a":{"password":"geheim"},"a":1}', '{"a":1}'],
  ['{"a":"Bearer abcdefghijklmnopqrstuvwxyz","a":1}', '{"a":1}'],
  ['null', '{}'],
])('stores %s', (data, expected = data) => {
  const body = new BodyText(Buffer.from(`{"source":"s","event_type":"t","data":${data},"metadata":${data}}`));
  const event = judge.judge(
    'default',
    new Histories(10).lesson('default'),
    judge.read(body, 0, body.bytes.length),
  );
  expect([event.data, event.metadata]).toEqual([expected, expected]);
});
