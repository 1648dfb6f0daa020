import { describe, expect, it } from 'vitest';
import { egressErrors } from '../../egress/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { llmSection } from '../config.ts';
import { choiceOf } from './choice.ts';
import { diagnose, type ModelFetch } from './diagnose.ts';

const clock = new ManualClock(0);
const config = (some: object = {}) => llmSection.schema.parse(some);
const test = (some: object, fetch: ModelFetch) => diagnose(choiceOf(config(some)), { fetch, clock });
const nobody: ModelFetch = () =>
  Promise.reject(egressErrors.make('connect', 'localhost:11434 refuses the connection'));
/** What Ollama 0.5 answers. */
const ollama =
  (...models: string[]): ModelFetch =>
  (url) =>
    Promise.resolve({
      status: 200,
      body: url.endsWith('/api/version')
        ? '{"version":"0.5.7"}'
        : JSON.stringify({
            models: models.map((name) => ({
              name,
              size: 4_661_224_676,
              details: { family: 'llama', parameter_size: '8.0B', quantization_level: 'Q4_0' },
            })),
          }),
    });

describe('which model is meant', () => {
  it.each([
    [{}, { provider: 'ollama', configured: false, url: 'http://localhost:11434', model: 'llama3' }],
    [
      { ollama_url: 'http://models:11434/', model: 'qwen3' },
      { provider: 'ollama', configured: true, url: 'http://models:11434', model: 'qwen3' },
    ],
    [
      { groq_api_key: 'k' },
      { provider: 'groq', configured: true, key: 'k', model: 'llama-3.3-70b-versatile' },
    ],
    [{ provider: 'groq' }, { provider: 'groq', key: null }],
    [
      { provider: 'ollama', groq_api_key: 'k' },
      { provider: 'ollama', key: null },
    ],
    [
      { openai_url: 'https://m/v1', model: 'm' },
      { provider: 'openai', url: 'https://m/v1', model: 'm' },
    ],
  ])('%j', (some, choice) => {
    expect(choiceOf(config(some))).toMatchObject(choice);
  });

  it('is none when they are switched off, and no address is taken that is none', () => {
    expect(choiceOf(config({ enabled: false, groq_api_key: 'k' }))).toBeNull();
    expect(llmSection.schema.safeParse({ ollama_url: 'file:///etc/passwd' }).success).toBe(false);
  });
});

describe('the diagnosis of a model', () => {
  it('asks nobody when models are switched off, or a key or an address is missing', async () => {
    const never: ModelFetch = () => Promise.reject(new Error('asked'));
    expect(await test({ enabled: false }, never)).toMatchObject({ status: 'disabled', reachable: null });
    expect(await test({ provider: 'groq' }, never)).toMatchObject({
      status: 'not_configured',
      message: expect.stringContaining('no key'),
    });
    expect(await test({ provider: 'openai' }, never)).toMatchObject({ status: 'not_configured' });
  });

  it('tells nothing configured from what is configured and does not answer', async () => {
    expect(await test({}, nobody)).toMatchObject({
      status: 'not_configured',
      reachable: false,
      hint: expect.stringContaining('ollama serve'),
    });
    expect(await test({ provider: 'ollama' }, nobody)).toMatchObject({
      status: 'unreachable',
      message: expect.stringContaining('refuses the connection'),
      checks: [{ ok: true }, { name: 'connection', ok: false }, { ok: null }, { ok: null }],
    });
  });

  it('says whether the model is there, with what is', async () => {
    const well = await test({}, ollama('llama3:latest', 'qwen3:8b'));
    expect(well).toMatchObject({ status: 'ok', version: '0.5.7', reachable: true, modelAvailable: true });
    expect(well.models[1]).toEqual({
      name: 'qwen3:8b',
      size_bytes: 4_661_224_676,
      parameters: '8.0B',
      quantization: 'Q4_0',
    });
    expect(await test({ model: 'qwen3' }, ollama('llama3:latest'))).toMatchObject({
      status: 'model_missing',
      modelAvailable: false,
      hint: 'Run: ollama pull qwen3',
    });
  });

  it('sends a key to its provider alone, and never shows it', async () => {
    const seen: string[] = [];
    const groq: ModelFetch = (url, { headers }) => {
      seen.push(`${url} ${headers['authorization']}`);
      return Promise.resolve({ status: 401, body: '{}' });
    };
    const answer = await test({ groq_api_key: 'secret-key' }, groq);
    expect(seen).toEqual(['https://api.groq.com/openai/v1/models Bearer secret-key']);
    expect(answer).toMatchObject({ status: 'refused', reachable: true });
    expect(JSON.stringify(answer)).not.toContain('secret-key');
    const url = 'http://me:hidden@models:1';
    expect(JSON.stringify(await test({ ollama_url: url }, nobody))).not.toContain('hidden');
  });

  it('takes any answer', async () => {
    for (const body of ['', 'null', '[]', '<html>', '{"models":{}}', '{"models":[{"name":5}]}'])
      expect(await test({}, () => Promise.resolve({ status: 200, body }))).toMatchObject({
        status: 'refused',
        reachable: true,
      });
    expect(await test({ provider: 'ollama' }, () => Promise.reject(new Error('boom')))).toMatchObject({
      status: 'unreachable',
    });
  });
});
