import { expect, it } from 'vitest';
import { moduleSchema } from './config.ts';
import { KnownModules, moduleProblems } from './known-modules.ts';

const plain = moduleSchema.parse({ prober: 'tcp', timeout: '3s' });
const broken = moduleSchema.parse({ prober: 'http', http: { tls_config: { ca_file: '/nowhere/ca.pem' } } });

it('has the ready modules and those of the file, which may change', () => {
  const known = new KnownModules({ own: plain });
  expect(known.get('own')?.module).toEqual(plain);
  known.configure({ icmp: plain });
  expect(known.get('own')).toBeUndefined();
  expect(known.get('icmp')?.module).toEqual(plain);
  expect(known.names()).toContain('http_2xx');
});

it('keeps what it has when a new one cannot run, which can be asked before', () => {
  const known = new KnownModules({ own: plain });
  expect(() => known.configure({ broken })).toThrow('/nowhere/ca.pem');
  expect(known.get('own')?.module).toEqual(plain);
  expect(moduleProblems({ own: plain, broken })).toEqual([
    expect.stringMatching(/^modules\.broken: .*\/nowhere\/ca\.pem/),
  ]);
});
