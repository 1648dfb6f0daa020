import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { boundsOf, type TimeRange } from '../../../time/range.ts';
import { rangeKey } from '../../../time/use-range.ts';
import type { Variable } from '../model.ts';
import { askValues } from './ask-values.ts';
import { type Chosen, fillQuery, mentioned, type Values } from './interpolate.ts';
import { ALL, choose, fixedOptions, type Option, optionsOf, readQuestion } from './options.ts';
import { stepFor, written } from './steps.ts';

export interface ResolvedVariable {
  readonly variable: Variable;
  readonly options: readonly Option[];
  readonly chosen: readonly string[];
  readonly loading: boolean;
}
export interface Variables {
  readonly list: readonly ResolvedVariable[];
  readonly values: Values;
  /** False while some value is still asked for: what depends on it waits. */
  readonly ready: boolean;
  readonly error: Error | null;
}

function inOrder(variables: readonly Variable[]): readonly Variable[] {
  const names = new Set(variables.map(({ name }) => name));
  const placed: Variable[] = [];
  let rest = [...variables];
  while (rest.length > 0) {
    const done = new Set(placed.map(({ name }) => name));
    const free = rest.filter((variable) =>
      [...mentioned(`${variable.query ?? ''}${variable.regex ?? ''}`)].every(
        (name) => !names.has(name) || done.has(name) || name === variable.name,
      ),
    );
    // Those that wait for each other in a circle are taken as they stand.
    const next = free.length > 0 ? free : rest;
    placed.push(...next);
    rest = rest.filter((variable) => !next.includes(variable));
  }
  return placed;
}

function chosenOf(
  variable: Variable,
  chosen: readonly string[],
  options: readonly Option[],
  range: TimeRange,
): Chosen {
  const several = variable.multi === true || variable.includeAll === true;
  const texts = new Map(options.map(({ value, text }) => [value, text] as const));
  if (chosen.includes(ALL)) {
    if (variable.allValue !== undefined && variable.allValue !== '')
      return { values: [variable.allValue], text: 'All', multi: true, literal: true };
    return { values: options.map(({ value }) => value), text: 'All', multi: true };
  }
  if (variable.type === 'interval' && chosen[0] === '$__auto') {
    const { from, to } = boundsOf(range, 0);
    const least = /^(\d+)s$/.exec(variable.auto?.min ?? '')?.[1];
    const auto = written(stepFor((to - from) / 1000, variable.auto?.steps ?? 30, Number(least ?? 10)));
    return { values: [auto], text: auto, multi: false };
  }
  return {
    values: chosen,
    text: chosen.map((value) => texts.get(value) ?? value).join(' + '),
    multi: several,
  };
}

interface Asked {
  readonly key: readonly unknown[];
  readonly query: string;
}

/** Options and choices of every variable; one whose query mentions another is asked once the other is known. */
export function useVariables(
  variables: readonly Variable[],
  asked: Readonly<Record<string, readonly string[]>>,
  range: TimeRange,
): Variables {
  const client = useQueryClient();
  const ordered = useMemo(() => inOrder(variables), [variables]);
  const values = new Map<string, Chosen>();
  const resolved = new Map<string, ResolvedVariable>();
  const questions: Asked[] = [];
  const blocked = new Set<string>();
  for (const variable of ordered) {
    let options: readonly Option[] = [];
    let loading = false;
    if (variable.type === 'query') {
      const waits = [...mentioned(variable.query ?? '')].some((name) => blocked.has(name));
      if (waits) loading = true;
      else {
        const query = fillQuery(variable.query ?? '', values);
        const key = ['variable', query, rangeKey(range)] as const;
        questions.push({ key, query });
        const state = client.getQueryState<readonly string[]>(key);
        loading = state === undefined || (state.status === 'pending' && state.data === undefined);
        options = optionsOf(
          state?.data ?? [],
          fillQuery(variable.regex ?? '', values),
          variable.sort ?? 'none',
        );
      }
    } else options = fixedOptions(variable);
    if (loading) blocked.add(variable.name);
    const chosen = choose(variable, asked[variable.name], options);
    values.set(variable.name, chosenOf(variable, chosen, options, range));
    resolved.set(variable.name, { variable, options, chosen, loading });
  }
  const unique = [...new Map(questions.map((question) => [JSON.stringify(question.key), question])).values()];
  const answers = useQueries({
    queries: unique.map(({ key, query }) => ({
      queryKey: key,
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const { from, to } = boundsOf(range, Date.now());
        return askValues(readQuestion(query), { from: from / 1000, to: to / 1000 }, signal);
      },
      staleTime: 60_000,
    })),
  });
  const list = variables.flatMap(({ name }) => resolved.get(name) ?? []);
  const identity = JSON.stringify([...values].map(([name, { values: all, text }]) => [name, all, text]));
  // A new map only when something was chosen anew, so that panels are not drawn again for nothing.
  const stable = useMemo(() => values, [identity]);
  return {
    list,
    values: stable,
    ready: blocked.size === 0,
    error: answers.find(({ error }) => error !== null)?.error ?? null,
  };
}
