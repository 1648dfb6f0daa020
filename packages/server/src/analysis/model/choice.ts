import type { LlmConfig } from '../config.ts';

/** Which model the configuration means. */
export interface ModelChoice {
  readonly provider: 'ollama' | 'groq' | 'openai';
  /** Whether somebody chose it; false for Ollama on this machine where nothing is set. */
  readonly configured: boolean;
  /** Base address, without a slash at its end; null where the provider needs one and none is set. */
  readonly url: string | null;
  readonly key: string | null;
  /** Null where the provider has no model of its own to fall back to. */
  readonly model: string | null;
}

const OLLAMA_URL = 'http://localhost:11434';
const OLLAMA_MODEL = 'llama3';
const GROQ_URL = 'https://api.groq.com/openai/v1';

/** The provider that is named, else the one something is set for, else Ollama. Null when models are switched off. */
export function choiceOf(config: LlmConfig): ModelChoice | null {
  if (!config.enabled) return null;
  const provider = config.provider ?? usual(config);
  const configured =
    config.provider !== undefined ||
    config.model !== undefined ||
    config.ollama_url !== undefined ||
    provider !== 'ollama';
  switch (provider) {
    case 'ollama':
      return {
        provider,
        configured,
        url: plain(config.ollama_url ?? OLLAMA_URL),
        key: null,
        model: config.model ?? OLLAMA_MODEL,
      };
    case 'groq':
      return {
        provider,
        configured,
        url: GROQ_URL,
        key: config.groq_api_key ?? null,
        model: config.model ?? config.groq_model,
      };
    case 'openai':
      return {
        provider,
        configured,
        url: config.openai_url === undefined ? null : plain(config.openai_url),
        key: config.openai_api_key ?? null,
        model: config.model ?? null,
      };
  }
}

function usual(config: LlmConfig): ModelChoice['provider'] {
  if (config.groq_api_key !== undefined) return 'groq';
  return config.openai_url === undefined ? 'ollama' : 'openai';
}

function plain(url: string): string {
  return url.replace(/\/+$/, '');
}
