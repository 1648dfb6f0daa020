import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { maskedText } from '../../kernel/config/mask.ts';
import { PharosError } from '../../kernel/errors.ts';
import type { ModelChoice } from './choice.ts';

/** Asks the model's server; rejects with `egress` errors. */
export type ModelFetch = (
  url: string,
  options: { readonly headers: Readonly<Record<string, string>>; readonly timeoutMs: number },
) => Promise<{ readonly status: number; readonly body: string }>;

interface OfferedModel {
  readonly name: string;
  readonly size_bytes: number | null;
  readonly parameters: string | null;
  readonly quantization: string | null;
}

/** One step of the diagnosis; `ok` is null for one that could not be tried. */
interface ModelCheck {
  readonly name: 'settings' | 'connection' | 'models' | 'model';
  readonly ok: boolean | null;
  readonly took_ms: number | null;
  readonly message: string;
}

export const MODEL_STATUSES = [
  'ok',
  'model_missing',
  'refused',
  'unreachable',
  'not_configured',
  'disabled',
] as const;

export interface Diagnosis {
  readonly status: (typeof MODEL_STATUSES)[number];
  readonly message: string;
  /** What to do; null where nothing needs to be done. */
  readonly hint: string | null;
  /** Null where it was not asked. */
  readonly reachable: boolean | null;
  readonly version: string | null;
  /** What the first answer took. */
  readonly latencyMs: number | null;
  readonly models: readonly OfferedModel[];
  /** Null where the models are not known. */
  readonly modelAvailable: boolean | null;
  readonly checks: readonly ModelCheck[];
}

const TIMEOUT_MS = 5000;
const MOST_MODELS = 200;

const version = z.object({ version: z.string().max(100) });
const ollamaModels = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      size: z.number().optional(),
      details: z
        .object({ parameter_size: z.string().optional(), quantization_level: z.string().optional() })
        .nullish(),
    }),
  ),
});
const openaiModels = z.object({ data: z.array(z.object({ id: z.string() })) });

interface Asked {
  readonly ok: boolean;
  readonly status: number | null;
  readonly value: unknown;
  readonly tookMs: number;
  /** What is wrong; empty when it is well. */
  readonly problem: string;
  readonly hint: string | null;
}

/** Whether the model that is meant can be asked: settings, connection, list of models, the model in it. Never rejects. */
export async function diagnose(
  choice: ModelChoice | null,
  deps: { readonly fetch: ModelFetch; readonly clock: Clock },
): Promise<Diagnosis> {
  if (choice === null)
    return unasked(
      'disabled',
      'Models are switched off: the statistics answer.',
      'Set llm.enabled to true (ENABLE_LLM_MONITORING) to use one.',
    );
  const missing = missingSetting(choice);
  if (missing !== null) return unasked('not_configured', missing.message, missing.hint);
  const { url } = choice;
  const first = await ask(deps, choice, choice.provider === 'ollama' ? '/api/version' : '/models');
  const connection: ModelCheck = {
    name: 'connection',
    ok: first.status !== null,
    took_ms: first.tookMs,
    message: first.status === null ? first.problem : `${shown(url)} answers`,
  };
  const settings: ModelCheck = { name: 'settings', ok: true, took_ms: null, message: settingsOf(choice) };
  if (first.status === null) return unreachable(choice, first, [settings, connection]);
  const listed = choice.provider === 'ollama' ? await ask(deps, choice, '/api/tags') : first;
  const models = listed.ok ? modelsOf(listed.value) : null;
  const known = version.safeParse(first.value);
  const facts = {
    reachable: true,
    version: known.success ? known.data.version : null,
    latencyMs: first.tookMs,
    models: models ?? [],
  };
  if (models === null) {
    const message = listed.ok ? `${shown(url)} answers, but not with a list of models` : listed.problem;
    const check: ModelCheck = { name: 'models', ok: false, took_ms: listed.tookMs, message };
    return {
      ...facts,
      status: 'refused',
      message,
      hint: listed.hint ?? 'Is the address that of the model server, and the key right?',
      modelAvailable: null,
      checks: [settings, connection, check, untried('model', 'the models are not known')],
    };
  }
  const found = models.some(({ name }) => isModel(name, choice.model ?? ''));
  const list: ModelCheck = {
    name: 'models',
    ok: true,
    took_ms: listed.tookMs,
    message: `${models.length} ${models.length === 1 ? 'model is' : 'models are'} offered`,
  };
  const message = found
    ? `${choice.model} is there and can be asked`
    : `${shown(url)} answers and does not offer ${choice.model}`;
  return {
    ...facts,
    status: found ? 'ok' : 'model_missing',
    message,
    hint: found ? null : missingModelHint(choice),
    modelAvailable: found,
    checks: [settings, connection, list, { name: 'model', ok: found, took_ms: null, message }],
  };
}

function missingSetting({
  provider,
  url,
  key,
  model,
}: ModelChoice): { message: string; hint: string } | null {
  if (url === null)
    return {
      message: 'The provider is openai, and no address is set: the statistics answer.',
      hint: 'Set llm.openai_url (LLM_URL).',
    };
  if (provider === 'groq' && key === null)
    return {
      message: 'The provider is groq, and it has no key: the statistics answer.',
      hint: 'Set GROQ_API_KEY.',
    };
  if (model === null)
    return { message: 'No model is named: the statistics answer.', hint: 'Set llm.model (LLM_MODEL).' };
  return null;
}

function missingModelHint({ provider, model }: ModelChoice): string {
  return provider === 'ollama'
    ? `Run: ollama pull ${model}`
    : 'Set llm.model (LLM_MODEL) to one of those in `models`.';
}

/** Where nobody chose a model, none at the usual address is no trouble. */
function unreachable(choice: ModelChoice, asked: Asked, checks: readonly ModelCheck[]): Diagnosis {
  const message = choice.configured
    ? `The model cannot be reached: ${asked.problem}`
    : `No model is configured, and none answers at ${shown(choice.url)}: the statistics answer.`;
  return {
    status: choice.configured ? 'unreachable' : 'not_configured',
    message,
    hint: choice.configured
      ? asked.hint
      : 'Start Ollama (ollama serve), or set LLM_PROVIDER, LLM_MODEL and OLLAMA_URL or a key.',
    reachable: false,
    version: null,
    latencyMs: null,
    models: [],
    modelAvailable: null,
    checks: [...checks, untried('models', 'nothing answers'), untried('model', 'nothing answers')],
  };
}

function unasked(status: Diagnosis['status'], message: string, hint: string): Diagnosis {
  return {
    status,
    message,
    hint,
    reachable: null,
    version: null,
    latencyMs: null,
    models: [],
    modelAvailable: null,
    checks: [
      { name: 'settings', ok: status === 'disabled', took_ms: null, message },
      untried('connection', 'not asked'),
      untried('models', 'not asked'),
      untried('model', 'not asked'),
    ],
  };
}

function untried(name: ModelCheck['name'], message: string): ModelCheck {
  return { name, ok: null, took_ms: null, message };
}

function settingsOf({ provider, configured, model }: ModelChoice): string {
  return configured ? `${provider} with ${model}` : `nothing is set: ${provider} with ${model} is looked for`;
}

async function ask(
  { fetch, clock }: { readonly fetch: ModelFetch; readonly clock: Clock },
  { url, key }: ModelChoice,
  path: string,
): Promise<Asked> {
  const began = clock.monotonic();
  const took = (): number => Math.round(clock.monotonic() - began);
  const headers = { accept: 'application/json', ...(key !== null && { authorization: `Bearer ${key}` }) };
  try {
    const { status, body } = await fetch(`${url}${path}`, { headers, timeoutMs: TIMEOUT_MS });
    const ok = status === 200;
    const why = status === 401 || status === 403 ? 'the key is not accepted' : `it answers ${status}`;
    return {
      ok,
      status,
      value: ok ? parsed(body) : undefined,
      tookMs: took(),
      problem: ok ? '' : `${shown(url)}${path}: ${why}`,
      hint: ok ? null : 'Is the address that of the model server, and the key right?',
    };
  } catch (error) {
    const known = error instanceof PharosError ? error : null;
    return {
      ok: false,
      status: null,
      value: undefined,
      tookMs: took(),
      problem: maskedText(known?.message ?? 'the request failed'),
      hint: known?.hint ?? 'Is the server running, and is its address right?',
    };
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function modelsOf(value: unknown): OfferedModel[] | null {
  const ollama = ollamaModels.safeParse(value);
  if (ollama.success)
    return ollama.data.models.slice(0, MOST_MODELS).map(({ name, size, details }) => ({
      name: name.slice(0, 200),
      size_bytes: size ?? null,
      parameters: details?.parameter_size?.slice(0, 40) ?? null,
      quantization: details?.quantization_level?.slice(0, 40) ?? null,
    }));
  const openai = openaiModels.safeParse(value);
  if (!openai.success) return null;
  return openai.data.data
    .slice(0, MOST_MODELS)
    .map(({ id }) => ({ name: id.slice(0, 200), size_bytes: null, parameters: null, quantization: null }));
}

/** Ollama calls `llama3` what it lists as `llama3:latest`. */
function isModel(offered: string, wanted: string): boolean {
  return offered === wanted || offered === `${wanted}:latest`;
}

function shown(url: string | null): string {
  return url === null ? '' : maskedText(url);
}
