import { expect, it } from 'vitest';
import type { Vector } from '../../api/vector.ts';
import { samplesKey, samplesOf } from './use-samples.ts';

it('joins the figures of one target', () => {
  const label = (name: string) => JSON.stringify({ __name__: name, job: 'a', instance: 'x:1' });
  const vector: Vector = {
    type: 'vector',
    times: [1, 1, 1],
    names: ['', '', ''],
    labels: [label('scrape_samples_scraped'), label('scrape_series_added'), label('other')],
    values: ['120', '7', '1'],
    samples: [1, 1, 1],
    histograms: new Map(),
  };
  expect([...samplesOf(vector)]).toEqual([[samplesKey('a', 'x:1'), { scraped: 120, kept: null, added: 7 }]]);
});
