/** The values chosen of each label. */
export type Chosen = Readonly<Record<string, readonly string[]>>;

/** As RE2 takes it: everything that means something is escaped. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function labelText(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
}

/** A selector of the metric and the chosen values: one value is equality, several are alternatives. */
export function selector(metric: string, chosen: Chosen): string {
  const matchers = Object.entries(chosen).flatMap(([name, values]) => {
    const [first] = values;
    if (first === undefined) return [];
    const matcher =
      values.length === 1
        ? `=${JSON.stringify(first)}`
        : `=~${JSON.stringify(values.map(literal).join('|'))}`;
    return [`${labelText(name)}${matcher}`];
  });
  if (/^[a-z_:][\w:]*$/i.test(metric))
    return matchers.length === 0 ? metric : `${metric}{${matchers.join(', ')}}`;
  // A name that is no identifier stands in quotes inside the braces.
  return `{${[JSON.stringify(metric), ...matchers].join(', ')}}`;
}

export interface Suggestion {
  readonly label: string;
  readonly query: string;
}

/** What is usually asked of a metric of its kind; the plain selector last. */
export function suggestions(metric: string, type: string, chosen: Chosen): readonly Suggestion[] {
  const plain = selector(metric, chosen);
  const own = { label: 'The values as they are', query: plain };
  const bucket = metric.endsWith('_bucket');
  if (bucket)
    return [
      { label: '95th percentile', query: `histogram_quantile(0.95, sum by (le) (rate(${plain}[5m])))` },
      { label: 'Rate by bucket', query: `sum by (le) (rate(${plain}[5m]))` },
      own,
    ];
  if (type === 'counter' || /_(?:total|count|sum)$/.test(metric))
    return [
      { label: 'Rate per second', query: `rate(${plain}[5m])` },
      { label: 'Rate by job', query: `sum by (job) (rate(${plain}[5m]))` },
      { label: 'Increase in an hour', query: `increase(${plain}[1h])` },
      own,
    ];
  if (type === 'histogram')
    return [{ label: '95th percentile', query: `histogram_quantile(0.95, sum(rate(${plain}[5m])))` }, own];
  return [
    own,
    { label: 'Mean by job', query: `avg by (job) (${plain})` },
    { label: 'Largest ten', query: `topk(10, ${plain})` },
  ];
}
