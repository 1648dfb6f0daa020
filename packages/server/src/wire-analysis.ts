import {
  type AnalysisSources,
  analysisApi,
  findIncidentCause,
  type IncidentCause,
  type IncidentQuestion,
  type ModelFetch,
} from './analysis/index.ts';
import type { PharosConfig } from './config.ts';
import { type Egress, egressRequest } from './egress/index.ts';
import type { ApiModule } from './http/types.ts';

/** A list of models is a few kilobytes. */
const MOST_BYTES = 2 ** 20;

export interface Analysis {
  readonly api: ApiModule;
  /** What may be the cause of an incident. */
  readonly causeOf: (tenant: string, incident: IncidentQuestion) => Promise<IncidentCause>;
}

/** What is wrong, why, and who could put it into words. */
export function wireAnalysis(
  { analysis, llm }: PharosConfig,
  egress: Egress,
  sources: AnalysisSources,
): Analysis {
  return {
    api: analysisApi({ sources, business: analysis.business, llm, fetch: modelFetch(egress) }),
    causeOf: (tenant, incident) => findIncidentCause(sources, tenant, incident),
  };
}

/** The way out to models, whose address only the configuration names; redirects are not followed, so that no key goes elsewhere. */
function modelFetch(egress: Egress): ModelFetch {
  return async (url, { headers, timeoutMs }) => {
    const { status, body } = await egressRequest(egress, {
      url,
      headers,
      timeoutMs,
      trust: 'configured',
      purpose: 'model',
      maxBytes: MOST_BYTES,
    });
    return { status, body: body.toString('utf8') };
  };
}
