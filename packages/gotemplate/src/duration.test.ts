import { describe, expect, it } from 'vitest';
import { formatGoDuration, GoDuration } from './duration.ts';

describe('formatGoDuration', () => {
  it.each([
    [0n, '0s'],
    [1n, '1ns'],
    [1_500n, '1.5µs'],
    [250_000_000n, '250ms'],
    [1_000_000_000n, '1s'],
    [90_500_000_000n, '1m30.5s'],
    [5_400_000_000_000n, '1h30m0s'],
    [-3_600_000_000_000n, '-1h0m0s'],
    [9_223_372_036_854_775_807n, '2562047h47m16.854775807s'],
  ])('%s ns', (ns, text) => {
    expect(formatGoDuration(ns)).toBe(text);
  });
});

describe('GoDuration', () => {
  it('is made of seconds and gives them back', () => {
    expect(GoDuration.ofSeconds(1.5).nanoseconds).toBe(1_500_000_000n);
    expect(GoDuration.ofSeconds(-0.25).seconds).toBe(-0.25);
    expect(GoDuration.ofSeconds(1e30).nanoseconds).toBe(9_223_372_036_854_775_807n);
    expect(GoDuration.ofSeconds(Number.NaN).nanoseconds).toBe(-9_223_372_036_854_775_808n);
  });
});
