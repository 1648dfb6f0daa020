import { expect, it } from 'vitest';
import { alertingSection } from './config.ts';
import { alertmanagerUrls } from './places.ts';

const urlsOf = (entry: object): readonly string[] =>
  alertingSection.schema.parse({ alertmanagers: [entry] }).alertmanagers.flatMap(alertmanagerUrls);

it.each([
  ['nothing', {}, []],
  ['a port', { static_configs: [{ targets: ['a:9093', 'b:9093', 'a:9093'] }] }, ['a:9093', 'b:9093']],
  ['no port', { static_configs: [{ targets: ['a'] }] }, ['a:80']],
])('an entry with %s', (_, entry, places) => {
  expect(urlsOf(entry)).toEqual(places.map((place) => `http://${place}/api/v2/alerts`));
});

it('scheme and prefix', () => {
  const entry = { scheme: 'https', path_prefix: 'am/', static_configs: [{ targets: ['a', 'b:1'] }] };
  expect(urlsOf(entry)).toEqual(['https://a:443/am/api/v2/alerts', 'https://b:1/am/api/v2/alerts']);
});

it('relabelling chooses and moves Alertmanagers', () => {
  const relabel_configs = [
    { source_labels: ['zone'], regex: 'here', action: 'keep' },
    { source_labels: ['__address__'], regex: '(.*):1', target_label: '__address__', replacement: '$1:2' },
    { target_label: '__alerts_path__', replacement: '/elsewhere' },
  ];
  const static_configs = [
    { targets: ['a:1'], labels: { zone: 'here' } },
    { targets: ['b:1'], labels: { zone: 'there' } },
  ];
  expect(urlsOf({ static_configs, relabel_configs })).toEqual(['http://a:2/elsewhere']);
});
