import { describe, expect, it } from 'vitest';
import { createServiceNames } from './names.ts';

const names = createServiceNames(
  new Map([
    ['billing-service', 'billing-service'],
    ['pay', 'payments'],
  ]),
);

describe('createServiceNames', () => {
  it.each([
    ['auth', 'auth'],
    ['auth-service', 'auth'],
    ['auth_service', 'auth'],
    ['Auth-Service', 'auth'],
    ['orders svc', 'orders'],
    ['billing-service', 'billing-service'],
    ['pay', 'payments'],
    ['pay-service', 'payments'],
    ['service', 'service'],
    ['-service', '-service'],
  ])('%s is %s', (raw, canonical) => expect(names.canonical(raw)).toBe(canonical));

  it('takes the first source that is there', () => {
    const of = (labels: Record<string, string>) => names.of((name) => labels[name]);
    expect(of({ job: 'a', service: 'b' })).toBe('b');
    expect(of({ job: 'a', service: '', source: 'c', service_name: 'd' })).toBe('d');
    expect(of({ instance: 'x' })).toBeUndefined();
  });

  it('never are a key that objects of JSON have no place for', () => {
    expect(createServiceNames(new Map()).canonical('__proto__')).toBe('proto');
  });
});
