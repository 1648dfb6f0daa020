import { expect, it } from 'vitest';
import { spoken, spokenParams } from './words.ts';

it('says kinds and parameters as people do', () => {
  expect(spoken('dead_service')).toBe('dead service');
  expect(spokenParams({ latency_ms: 800, jitter_ms: 0, rate: 1 })).toBe('latency 800 ms');
  expect(spokenParams({ rate: 0.3, status: 500 })).toBe('30 % of requests, status 500');
  expect(spokenParams({ percent: 80 })).toBe('80 %');
  expect(spokenParams({ product_id: '', odd: { deep: true } })).toBe('odd {"deep":true}');
  expect(spokenParams({})).toBe('');
});
