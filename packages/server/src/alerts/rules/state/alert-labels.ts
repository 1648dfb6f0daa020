import { formatHistogram, Labels, METRIC_NAME } from '@pharos/promql';
import type { AlertingRule } from '../definition.ts';
import type { RuleTemplateContext } from '../template/functions.ts';
import type { RuleTemplate } from '../template/rule-template.ts';
import type { SeenAlert } from './alert.ts';
import type { RuleSample } from './evaluate.ts';

export const ALERT_NAME = 'alertname';

/** What the templates of a rule are given besides the alert. */
export interface ExpansionContext extends RuleTemplateContext {
  readonly externalLabels: ReadonlyMap<string, string>;
}

/** The alert an element of the answer to a rule's query stands for: its labels and annotations, expanded. */
export function alertOf(rule: AlertingRule, sample: RuleSample, context: ExpansionContext): SeenAlert {
  const { labels, value, histogram } = sample;
  const data = {
    labels,
    value: histogram === undefined ? value : formatHistogram(histogram),
    externalLabels: context.externalLabels,
  };
  const expand = (template: RuleTemplate): string => template.expand(data, context);
  return {
    labels: labelsOf(rule, labels, expand),
    annotations: new Map(
      [...rule.annotationTemplates].map(([name, template]): [string, string] => [name, expand(template)]),
    ),
    value: histogram === undefined ? value : 0,
  };
}

/** A rule's label wins over the sample's; one that expands to nothing takes it away. */
function labelsOf(rule: AlertingRule, from: Labels, expand: (template: RuleTemplate) => string): Labels {
  const labels = from.toMap();
  labels.delete(METRIC_NAME);
  for (const [name, template] of rule.labelTemplates) labels.set(name, expand(template));
  labels.set(ALERT_NAME, rule.name);
  return Labels.fromMap(labels);
}
