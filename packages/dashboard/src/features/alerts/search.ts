import { ALERT_STATES, type AlertState, DELIVERY_STATES, type DeliveryState } from './contracts.ts';

function text(value: unknown, most = 500): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, most) : undefined;
}

/** Without what nobody wants: a bad link still opens, and a default needs no parameter. */
function given<T extends object>(wanted: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same members, fewer of them; all are optional
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as T;
}

const MOST_FILTERS = 20;

export interface AlertsSearch {
  /** Matchers that all must hold. */
  f?: readonly string[] | undefined;
  state?: AlertState | undefined;
  receiver?: string | undefined;
  /** The label that rows are put together by; empty for none, `alertname` when absent. */
  by?: string | undefined;
}

export function validateAlertsSearch(search: Readonly<Record<string, unknown>>): AlertsSearch {
  const { f } = search;
  const filters = (Array.isArray(f) ? f : [f]).flatMap((one) => text(one) ?? []).slice(0, MOST_FILTERS);
  return given({
    f: filters.length === 0 ? undefined : filters,
    state: ALERT_STATES.find((state) => state === search['state']),
    receiver: text(search['receiver']),
    by: search['by'] === '' ? '' : text(search['by']),
  });
}

export interface RulesSearch {
  q?: string | undefined;
  /** Only rules that fire, are pending or fail. */
  only?: RuleFilter | undefined;
}
export const RULE_FILTERS = ['firing', 'pending', 'failing'] as const;
export type RuleFilter = (typeof RULE_FILTERS)[number];

export function validateRulesSearch(search: Readonly<Record<string, unknown>>): RulesSearch {
  return given({ q: text(search['q']), only: RULE_FILTERS.find((one) => one === search['only']) });
}

/** What the statistics of pages suggest and a rule's text can answer. */
export const SUGGESTIONS = ['longer_for', 'hold_down', 'raise_limit', 'delete'] as const;

/** What is filled in of a suggestion to tune the rule. */
export interface SuggestionSearch {
  suggest?: (typeof SUGGESTIONS)[number] | undefined;
  seconds?: number | undefined;
}
const MOST_SECONDS = 30 * 86_400;

export function validateSuggestionSearch(search: Readonly<Record<string, unknown>>): SuggestionSearch {
  const { seconds } = search;
  const isSpan = typeof seconds === 'number' && seconds > 0 && seconds <= MOST_SECONDS;
  return given({
    suggest: SUGGESTIONS.find((one) => one === search['suggest']),
    seconds: isSpan ? Math.round(seconds) : undefined,
  });
}

export interface NewRuleSearch extends SuggestionSearch {
  /** The id of the rule that it begins as. */
  like?: string | undefined;
}

export function validateNewRuleSearch(search: Readonly<Record<string, unknown>>): NewRuleSearch {
  return { ...given({ like: text(search['like'], 64) }), ...validateSuggestionSearch(search) };
}

export interface SilencesSearch {
  /** The id of the one that is looked at. */
  silence?: string | undefined;
  expired?: true | undefined;
}

export function validateSilencesSearch(search: Readonly<Record<string, unknown>>): SilencesSearch {
  return given({
    silence: text(search['silence']),
    expired: search['expired'] === true ? (true as const) : undefined,
  });
}

export interface RoutesSearch {
  /** Labels whose way is shown, as they were pasted. */
  labels?: string | undefined;
}

export function validateRoutesSearch(search: Readonly<Record<string, unknown>>): RoutesSearch {
  return given({ labels: text(search['labels'], 5000) });
}

export interface DeliveriesSearch {
  receiver?: string | undefined;
  state?: DeliveryState | undefined;
}

export function validateDeliveriesSearch(search: Readonly<Record<string, unknown>>): DeliveriesSearch {
  return given({
    receiver: text(search['receiver']),
    state: DELIVERY_STATES.find((state) => state === search['state']),
  });
}

export interface OnCallSearch {
  /** The one whose calendar is shown; the first when absent. */
  schedule?: string | undefined;
  /** How many weeks from now the calendar begins; this week when absent. */
  week?: number | undefined;
}
/** About four years, either way. */
const MOST_WEEKS = 200;

export function validateOnCallSearch(search: Readonly<Record<string, unknown>>): OnCallSearch {
  const { week } = search;
  const isWeek = typeof week === 'number' && Number.isInteger(week) && Math.abs(week) <= MOST_WEEKS;
  return given({ schedule: text(search['schedule']), week: isWeek && week !== 0 ? week : undefined });
}
