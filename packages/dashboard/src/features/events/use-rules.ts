import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { ruleOf } from './conditions.ts';
import {
  archivesSchema,
  cleanedSchema,
  type KeptRule,
  keptRuleSchema,
  lastReEvaluationSchema,
  type Rule,
  reEvaluationSchema,
  restoredSchema,
  rulesSchema,
  trialSchema,
} from './contracts.ts';
import { useEventsChange } from './use-events.ts';

const BASE = 'api/v1/monitoring';
/** By itself the server judges again two seconds after a change of rules. */
const POLL_MS = 5000;

export function useRules() {
  return useQuery({
    queryKey: ['event-rules'],
    queryFn: ({ signal }) => request(`${BASE}/rules`, rulesSchema, { signal }),
  });
}

/** What a rule would have found in what is stored; asked anew with every change of it. */
export function useTrial(rule: Rule, minutes: number) {
  const { name: _name, enabled: _enabled, ...judged } = rule;
  return useQuery({
    queryKey: ['event-rule-trial', judged, minutes],
    queryFn: ({ signal }) =>
      request(`${BASE}/rules/test`, trialSchema, {
        signal,
        method: 'POST',
        body: { rule: judged, lookback_minutes: minutes },
      }),
    enabled: rule.when.trim() !== '',
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 10_000,
  });
}

/** Adds a rule, or changes the one it was read as. */
export function useSaveRule() {
  return useEventsChange(
    ({ rule, before }: { readonly rule: Rule; readonly before: KeptRule | null }) =>
      before === null
        ? request(`${BASE}/rules`, keptRuleSchema, { method: 'POST', body: rule })
        : request(`${BASE}/rules/${encodeURIComponent(before.name)}`, keptRuleSchema, {
            method: 'PUT',
            body: { ...rule, version: before.version },
          }),
    ['event-rules', 'event-re-evaluation'],
  );
}

export function useSwitchRule() {
  return useEventsChange(
    (before: KeptRule) =>
      request(`${BASE}/rules/${encodeURIComponent(before.name)}`, keptRuleSchema, {
        method: 'PUT',
        body: { ...ruleOf(before), enabled: !before.enabled, version: before.version },
      }),
    ['event-rules', 'event-re-evaluation'],
  );
}

export function useRemoveRule() {
  return useEventsChange(
    ({ name }: KeptRule) =>
      request(`${BASE}/rules/${encodeURIComponent(name)}`, z.null(), { method: 'DELETE' }),
    ['event-rules', 'event-re-evaluation'],
  );
}

export function useLastReEvaluation() {
  return useQuery({
    queryKey: ['event-re-evaluation'],
    queryFn: ({ signal }) => request(`${BASE}/analysis/re-evaluate`, lastReEvaluationSchema, { signal }),
    refetchInterval: POLL_MS,
  });
}

export function useReEvaluate() {
  return useEventsChange(
    (minutes: number) =>
      request(`${BASE}/analysis/re-evaluate?lookback_minutes=${minutes}`, reEvaluationSchema, {
        method: 'POST',
      }),
    ['event-re-evaluation'],
  );
}

export function useArchives() {
  return useQuery({
    queryKey: ['event-archives'],
    queryFn: ({ signal }) => request(`${BASE}/maintenance/archives`, archivesSchema, { signal }),
  });
}

export function useCleanUp() {
  return useEventsChange(
    (hours: number) =>
      request(`${BASE}/maintenance/cleanup?older_than_hours=${hours}`, cleanedSchema, { method: 'POST' }),
    ['event-archives', 'events', 'event-stats'],
  );
}

export function useRestore() {
  return useEventsChange(
    (archive: string) =>
      request(`${BASE}/maintenance/restore`, restoredSchema, { method: 'POST', body: { archive } }),
    ['events', 'event-stats'],
  );
}
