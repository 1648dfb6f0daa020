import type { Page } from './page/page.ts';

/** What pages of one alert came to. Spans are in ms, medians; null where there is nothing to tell. */
export interface AlertFigures {
  /** `alertname` of the page's first alert. */
  readonly alert: string;
  readonly pages: number;
  /** How often somebody was told, over all pages. */
  readonly tellings: number;
  /** Pages that somebody was told of. */
  readonly told: number;
  readonly acknowledged: number;
  /** Told of, ended, and nobody had acknowledged: nobody acts on them. */
  readonly unanswered: number;
  /** Of those nobody had answered, how many went through all levels. */
  readonly exhausted: number;
  /** From the first telling to the first acknowledgement. */
  readonly toAcknowledgeMs: number | null;
  /** From the opening to the end. */
  readonly toEndMs: number | null;
}

/** Figures of pages that were opened in a span, by alert, those that told people most often first. */
export function figuresOf(
  pages: readonly Page[],
  { from, until }: { readonly from: number; readonly until: number },
): readonly AlertFigures[] {
  const byAlert = new Map<string, Page[]>();
  for (const page of pages) {
    if (page.openedAt < from || page.openedAt >= until) continue;
    const alert = page.labels.get('alertname') ?? '';
    const of = byAlert.get(alert);
    if (of === undefined) byAlert.set(alert, [page]);
    else of.push(page);
  }
  return [...byAlert]
    .map(([alert, of]) => figures(alert, of))
    .sort((a, b) => b.tellings - a.tellings || b.pages - a.pages || (a.alert < b.alert ? -1 : 1));
}

function figures(alert: string, pages: readonly Page[]): AlertFigures {
  const told = pages.filter(({ tellings }) => tellings > 0);
  const isOver = ({ phase }: Page): boolean => phase.kind === 'ended';
  const unanswered = told.filter((page) => isOver(page) && firstOf(page, 'acknowledged') === null);
  return {
    alert,
    pages: pages.length,
    tellings: pages.reduce((sum, { tellings }) => sum + tellings, 0),
    told: told.length,
    acknowledged: pages.filter((page) => firstOf(page, 'acknowledged') !== null).length,
    unanswered: unanswered.length,
    exhausted: unanswered.filter((page) => firstOf(page, 'exhausted') !== null).length,
    toAcknowledgeMs: median(
      pages.flatMap((page) => {
        const [asked, answered] = [firstOf(page, 'told'), firstOf(page, 'acknowledged')];
        return asked === null || answered === null ? [] : [Math.max(0, answered - asked)];
      }),
    ),
    toEndMs: median(
      pages.flatMap(({ phase, openedAt }) => (phase.kind === 'ended' ? [phase.at - openedAt] : [])),
    ),
  };
}

function firstOf({ events }: Page, what: Page['events'][number]['what']): number | null {
  return events.find((event) => event.what === what)?.at ?? null;
}

/** Of an even number the mean of the two in the middle. */
function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
