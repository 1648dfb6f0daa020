import type { LateSamples } from './late-samples.ts';
import type { OpenChunks } from './open-chunks.ts';
import type { RichSide } from './rich-side.ts';
import type { LabelsOf } from './series-labels.ts';
import type { SeriesPages } from './series-pages.ts';
import type { Slabs } from './slabs.ts';

/** Where the head keeps the samples of its series. */
export interface HeadParts {
  readonly pages: SeriesPages;
  readonly slabs: Slabs;
  readonly open: OpenChunks;
  readonly late: LateSamples;
  readonly rich: RichSide;
  readonly labelsOf: LabelsOf;
}
