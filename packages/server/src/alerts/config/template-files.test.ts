import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAlertmanagerConfig } from './read-file.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pharos-template-files-'));
  await writeFile(join(folder, 'a.tmpl'), '{{ define "own" }}{{ .Status }}{{ end }}');
  await writeFile(join(folder, 'bad.txt'), '{{ define "own" }}\n{{ nope }}{{ end }}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(
  templates: string,
  title = '{{ template "own" . }}',
): Promise<readonly string[] | string> {
  const file = join(folder, 'am.yml');
  await writeFile(
    file,
    `templates: [ ${templates} ]
route: { receiver: a }
receivers: [ { name: a, slack_configs: [ { api_url: 'http://h/', title: '${title}' } ] } ]`,
  );
  const loaded = readAlertmanagerConfig(file);
  return loaded.ok
    ? loaded.config.warnings.map((warning) => warning.replace(folder, ''))
    : loaded.problems.map(({ where, message }) => `${where}: ${message}`.replace(folder, '')).join();
}

it('are found beside the configuration, by patterns', async () => {
  expect(await read("'*.tmpl'")).toEqual([]);
  expect(await read("'*.tmpl', 'none/*'")).toEqual(['templates: there is no file /none/*']);
});

it('refuse the configuration when one is broken', async () => {
  expect(await read("'*.t??l', 'bad.txt'")).toBe(
    '/bad.txt: template: bad.txt:2: function "nope" not defined',
  );
});

it('a broken text of a receiver is said beforehand', async () => {
  expect(await read('', '{{ if }}')).toEqual([
    'receiver "a": slack[0]: a text is no template: template: :1: missing value for if',
  ]);
});
