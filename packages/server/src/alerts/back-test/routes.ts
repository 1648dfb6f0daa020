import { type ParserOptions, QueryError } from '@pharos/promql';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { forDefaultTenant } from '../../http/default-tenant.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import { QueryGate } from '../../kernel/query-gate.ts';
import { alertErrors, noRules } from '../errors.ts';
import type { RulesNow } from '../pages/pages-api.ts';
import { ruleId } from '../pages/shown-rules.ts';
import type { BackTest, BackTester, BackTestSpan } from './back-test.ts';
import { compareFirings } from './compare.ts';
import {
  answer,
  changesJson,
  previewAnswer,
  previewJson,
  previewQuestion,
  type Question,
  question,
  resultJson,
} from './shapes.ts';
import { isFiring } from './spell.ts';
import { type ReadRule, readRule, ruleRefusal, type WrittenRule } from './written-rule.ts';

export interface BackTestApiDeps {
  readonly clock: Clock;
  readonly tester: BackTester;
  readonly rules: RulesNow;
  readonly parser: ParserOptions;
  /** Where rules that are written here would stand: it says at which instants they are evaluated. */
  readonly file: string;
  /** One may take so long, ms. */
  readonly timeoutMs: number;
}

/** At once; as many wait. */
const MOST_AT_ONCE = 2;

/** What a rule would have done, before it is saved. */
export function backTestApi(deps: BackTestApiDeps): ApiModule {
  const gate = new QueryGate(MOST_AT_ONCE, (message) =>
    alertErrors.make('busy', message, { retryAfterSeconds: 5 }),
  );
  return {
    name: 'rule-back-test',
    renderError: renderPharosError,
    register(app) {
      forDefaultTenant(app, noRules);
      const guarded = async <T>(
        reply: FastifyReply,
        work: (signal: AbortSignal) => Promise<T>,
      ): Promise<T> => {
        const deadline = deadlineOf(deps, reply);
        try {
          return await gate.run(() => work(deadline.signal), deadline.signal);
        } catch (error) {
          throw failureOf(error, deadline.signal);
        } finally {
          deadline.done();
        }
      };
      app.post(
        '/api/v1/alerting/rules/back-test',
        {
          schema: {
            tags: ['alerts'],
            summary:
              'When an alerting rule would have fired over what is stored, and whom it would have told',
            body: question,
            response: { 200: answer },
          },
        },
        ({ body }, reply) => guarded(reply, (signal) => backTest(deps, body, signal)),
      );
      app.post(
        '/api/v1/alerting/rules/preview',
        {
          schema: {
            tags: ['alerts'],
            summary: 'What an alerting rule says now: its alerts with their texts, and whom they lead to',
            body: previewQuestion,
            response: { 200: previewAnswer },
          },
        },
        ({ body }, reply) => {
          const read = readOrRefuse(deps, body.rule);
          return guarded(reply, async (signal) =>
            previewJson(
              await deps.tester.preview(read, deps.clock.now(), signal),
              read,
              deps.tester.intervalOf(read),
            ),
          );
        },
      );
    },
  };
}

async function backTest(
  deps: BackTestApiDeps,
  asked: Question,
  signal: AbortSignal,
): Promise<z.output<typeof answer>> {
  const { clock, tester } = deps;
  const end = Math.min(asked.end ?? clock.now(), clock.now());
  const span: BackTestSpan = { start: end - asked.window.ms, end };
  const rule = readOrRefuse(deps, asked.rule);
  const other = asked.against === undefined ? null : otherOf(deps, asked.against);
  const test = await tester.run(rule, span, signal);
  const within = { limit: asked.limit, end };
  const shown = { ...resultJson(test, rule, within), ...span, compared: null };
  if (other === null) return shown;
  const against = await tester.run(other, span, signal);
  const compared = {
    against: resultJson(against, other, within),
    ...changesBetween(against, test, asked.limit),
  };
  return { ...shown, compared };
}

function changesBetween(before: BackTest, after: BackTest, limit: number): ReturnType<typeof changesJson> {
  // With one interval they are evaluated at the same instants, unless they stand in different groups.
  const tolerance = { ms: Math.max(before.intervalMs, after.intervalMs) - 1 };
  return changesJson(
    compareFirings(before.spells.filter(isFiring), after.spells.filter(isFiring), tolerance),
    limit,
  );
}

function readOrRefuse({ file, parser }: BackTestApiDeps, written: WrittenRule): ReadRule {
  const read = readRule(written, file, parser);
  if (!read.ok) throw ruleRefusal(read.problems);
  return read;
}

function otherOf(deps: BackTestApiDeps, against: NonNullable<Question['against']>): ReadRule {
  if (!('id' in against)) return readOrRefuse(deps, against);
  for (const { group, state } of deps.rules.groups())
    for (const { rule } of state.rules)
      if (rule.kind === 'alerting' && ruleId(group, rule) === against.id) return { rule, group };
  throw alertErrors.make('unknownRule', `there is no alerting rule ${against.id}; files may have changed`);
}

interface Deadline {
  readonly signal: AbortSignal;
  done(): void;
}

/** The patience of who asks, and ours. */
function deadlineOf({ clock, timeoutMs }: BackTestApiDeps, reply: FastifyReply): Deadline {
  const controller = new AbortController();
  const onClose = (): void => {
    if (!reply.raw.writableFinished) controller.abort(alertErrors.make('left', 'who asked has left'));
  };
  const timer = clock.after(timeoutMs, () =>
    controller.abort(
      alertErrors.make(
        'slow',
        `it took longer than ${timeoutMs / 1000} s: shorten the time, or make the interval longer`,
      ),
    ),
  );
  reply.raw.once('close', onClose);
  return {
    signal: controller.signal,
    done: () => {
      timer.cancel();
      reply.raw.off('close', onClose);
    },
  };
}

/** What the engine says of a query is the asker's to read. */
function failureOf(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!(error instanceof QueryError)) return error;
  if (error.kind === 'timeout') return alertErrors.make('slow', error.message, { cause: error });
  return alertErrors.make('backTest', error.message, { cause: error });
}
