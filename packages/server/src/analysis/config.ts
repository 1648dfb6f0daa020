import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { USUAL_COUNTERS, USUAL_GAUGES } from './analytics/business.ts';

const httpAddress = z.string().refine(isHttp, 'expected an address of http or https');
/** Empty variables of an environment file say nothing. */
const text = z
  .string()
  .optional()
  .transform((value) => value || undefined);

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

/** Which model may put what the statistics found into words. */
export const llmSection = defineSection(
  'llm',
  z
    .strictObject({
      /** Off: no model is asked for anything, whatever else is set. */
      enabled: z.boolean().default(true),
      /** Chosen by what is set where absent: a key of Groq, an address, else Ollama on this machine. */
      provider: z.enum(['ollama', 'groq', 'openai']).optional(),
      model: text,
      ollama_url: httpAddress.optional(),
      /** Base of an API as OpenAI has it, such as https://models.example.com/v1. */
      openai_url: httpAddress.optional(),
      openai_api_key: text,
      groq_api_key: text,
      groq_model: z.string().default('llama-3.3-70b-versatile'),
      groq_max_tokens: z.number().int().positive().default(1024),
    })
    .prefault({}),
  [
    {
      variable: 'ENABLE_LLM_MONITORING',
      path: ['enabled'],
      as: 'boolean',
      about: 'Whether a model may be asked for anything; True by default.',
    },
    {
      variable: 'LLM_PROVIDER',
      path: ['provider'],
      as: 'string',
      about:
        'ollama, groq or openai (any server with such an API); by default what has a key or an address, else ollama.',
    },
    {
      variable: 'LLM_MODEL',
      path: ['model'],
      as: 'string',
      about: 'The model; llama3 by default with Ollama.',
    },
    {
      variable: 'OLLAMA_URL',
      path: ['ollama_url'],
      as: 'string',
      about: 'Where Ollama answers, http://localhost:11434 by default.',
    },
    {
      variable: 'LLM_URL',
      path: ['openai_url'],
      as: 'string',
      about: 'Base address for the provider openai.',
    },
    {
      variable: 'LLM_API_KEY',
      path: ['openai_api_key'],
      as: 'string',
      about: 'Key for the provider openai; none where the server asks for none.',
      secret: true,
    },
    {
      variable: 'GROQ_API_KEY',
      path: ['groq_api_key'],
      as: 'string',
      about: 'Key of Groq; without one the statistics answer.',
      secret: true,
    },
    { variable: 'GROQ_MODEL', path: ['groq_model'], as: 'string', about: 'The model of Groq.' },
    {
      variable: 'GROQ_MAX_TOKENS',
      path: ['groq_max_tokens'],
      as: 'number',
      about: 'Longest answer of the model, 1024 by default.',
    },
  ],
);

const metricNames = z
  .array(z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'expected the name of a metric'))
  .max(100);

/** What analyses look at besides what every service has. */
export const analysisSection = defineSection(
  'analysis',
  z
    .strictObject({
      /** Metrics that tell of the business; those that are not there cost nothing. */
      business: z
        .strictObject({
          counters: metricNames.default([...USUAL_COUNTERS]),
          gauges: metricNames.default([...USUAL_GAUGES]),
        })
        .prefault({}),
    })
    .prefault({}),
);

export type LlmConfig = z.output<typeof llmSection.schema>;
