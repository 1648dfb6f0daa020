import {
  GoObject,
  type Read,
  StringMap,
  type Template,
  TemplateBudget,
  TemplateSet,
  type Value,
} from '@pharos/gotemplate';
import type { Labels } from '@pharos/promql';
import type { RuleTemplateContext } from './functions.ts';
import { RULE_FUNCTIONS } from './functions.ts';

/** What a rule's template is about: one element of the answer to the rule's query. */
interface RuleTemplateData {
  readonly labels: Labels;
  /** A histogram as a text. */
  readonly value: number | string;
  readonly externalLabels: ReadonlyMap<string, string>;
}

/** A label or an annotation of an alerting rule, with what changes from alert to alert. */
export interface RuleTemplate {
  /** As it is written. */
  readonly text: string;
  /** Whether it is the same for every alert. */
  readonly isConstant: boolean;
  /** Executes it; what the context's `query` throws passes through. */
  expand(data: RuleTemplateData, context: RuleTemplateContext): string;
}

/** Names for the fields, bound before the text begins. */
const VARIABLES = ['$labels', '$externalLabels', '$externalURL', '$value'];
/** Prometheus writes them before the text, where their length shows in the columns of errors. */
const PREAMBLE =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/** Steps and characters of one label or annotation: what people read. */
const LIMITS = { steps: 100_000, chars: 1_048_576 };

/** Compiles a label or an annotation of an alert; throws a TemplateSyntaxError. */
export function compileRuleTemplate(alert: string, text: string): RuleTemplate {
  if (!text.includes('{{')) return { text, isConstant: true, expand: () => text };
  const name = `__alert_${alert}`;
  const template = new TemplateSet(RULE_FUNCTIONS).parse(name, text, {
    variables: VARIABLES,
    offset: PREAMBLE.length,
  });
  return {
    text,
    isConstant: false,
    expand(data, context) {
      const result = execute(template, data, context);
      return result.ok
        ? result.value
        : `<error expanding template: error executing template ${name}: ${result.reason}>`;
    },
  };
}

function execute(
  template: Template<RuleTemplateContext>,
  { labels, externalLabels, value }: RuleTemplateData,
  context: RuleTemplateContext,
): Read<string> {
  const fields = new Map<string, Value>([
    ['Labels', new StringMap(() => labels.toMap())],
    ['ExternalLabels', new StringMap(externalLabels)],
    ['ExternalURL', context.externalUrl],
    ['Value', value],
  ]);
  return template.execute({
    data: GoObject.struct('struct', fields),
    context: { ...context, budget: new TemplateBudget(LIMITS) },
    variables: new Map<string, Value>([
      ['$labels', fields.get('Labels')],
      ['$externalLabels', fields.get('ExternalLabels')],
      ['$externalURL', context.externalUrl],
      ['$value', value],
    ]),
  });
}
