import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import {
  backTestSchema,
  type OwnRule,
  ownRuleSchema,
  ownRulesSchema,
  previewSchema,
  type WrittenRule,
} from './contracts.ts';

const OWN = 'api/v1/alerting/own-rules';
const RULES = 'api/v1/alerting/rules';

/** Rules that were made here, with the file that holds them. */
export function useOwnRules() {
  return useQuery({
    queryKey: [...keys.alerts('rules'), 'own'],
    queryFn: ({ signal }) => request(OWN, ownRulesSchema, { signal }),
  });
}

/** What a rule says now; its errors are those of its fields. A name is needed to save it, not to try it. */
export function usePreview(rule: WrittenRule) {
  const named = withName(rule);
  return useQuery({
    queryKey: ['rule-preview', named],
    queryFn: ({ signal }) =>
      request(`${RULES}/preview`, previewSchema, { signal, method: 'POST', body: { rule: named } }),
    enabled: rule.expr !== '',
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 10_000,
  });
}

export interface Trial {
  readonly rule: WrittenRule;
  readonly window: string;
  /** The id of the rule in force that it is compared with. */
  readonly against: string | null;
}

/** What a rule would have done; asked anew with every change of it. */
export function useBackTest({ rule, window, against }: Trial, enabled: boolean) {
  const named = withName(rule);
  return useQuery({
    queryKey: ['rule-back-test', named, window, against],
    queryFn: ({ signal }) =>
      request(`${RULES}/back-test`, backTestSchema, {
        signal,
        method: 'POST',
        body: { rule: named, window, ...(against !== null && { against: { id: against } }) },
      }),
    enabled: enabled && rule.expr !== '',
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
}

function withName(rule: WrittenRule): WrittenRule {
  return rule.alert === '' ? { ...rule, alert: 'Unnamed' } : rule;
}

/** Makes a rule, or changes the one it was read as. */
export function useSaveRule() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ rule, before }: { readonly rule: WrittenRule; readonly before: OwnRule | null }) =>
      before === null
        ? request(OWN, ownRuleSchema, { method: 'POST', body: { rule } })
        : request(`${OWN}/${before.id}`, ownRuleSchema, {
            method: 'PUT',
            body: { rule, version: before.version },
          }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.alerts('all') }),
  });
}

export function useRemoveRule() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: OwnRule) =>
      request(`${OWN}/${id}`, z.null(), { method: 'DELETE', params: { version } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.alerts('all') }),
  });
}
